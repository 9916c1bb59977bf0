// The bytes of the worker link. A record on the wire is
//   u32 size of what follows · u8 type · fields, big-endian, in the order of records.h
// The peer is another process or host: sizes are bounded, fields checked, nothing outside a record is read.
#pragma once

#include <cstddef>
#include <optional>

#include "common/base/bytes.h"
#include "common/base/error.h"
#include "server/transcode/link/records.h"

namespace live::transcode {

inline constexpr std::size_t kMaxRecordBytes = 16 * 1024 * 1024;

// One whole record, its length prefix included.
Bytes encode(const Record& record);

// Bytes in, records out. After an error the link is unusable. Not thread safe.
class RecordReader {
public:
    // Copies `bytes` in. Bounded: refuses to hold more than one record of kMaxRecordBytes and what came with it.
    Result<void> append(ByteView bytes);
    // The next complete record, nothing when more bytes are needed, Protocol for anything malformed.
    Result<std::optional<Record>> next();

private:
    Bytes m_pending;
    std::size_t m_consumed = 0;
};

}  // namespace live::transcode
