// The format of the mirror's commit log. Pure: bytes in, values out.
//
//   header   u32 'LMIR' · u32 size of the plan · plan (server/media/plan_codec.h) · u32 CRC-32 of all before
//   record   i64 segment · i32 part · for every rendition: u8 flags, u32 offset, u32 length, i64 duration in ns,
//            u32 init, u32 CRC-32 of the part · u32 CRC-32 of all before
//
// All records of a log have one size, so that a torn or damaged one hides no other. Flags: 1 there (else the rendition
// was shed and the rest is 0), 2 independent, 4 discontinuity before the part. Init: the 8 hex digits of its name.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/bytes.h"
#include "common/base/error.h"
#include "server/media/plan.h"

namespace live::store {

inline constexpr std::int64_t kSegmentsPerLog = 64;
inline constexpr std::size_t kMaxLogBytes = 4 * 1024 * 1024;
inline constexpr std::size_t kMaxSegmentBytes = 512 * 1024 * 1024;
inline constexpr std::string_view kFillerName = "filler";  // u32 size · u32 CRC-32 · that many bytes: u32 init · filler

struct CommittedPart {
    std::uint32_t offset = 0;  // in the file of its segment
    std::uint32_t length = 0;
    Nanoseconds duration{};
    std::uint32_t init = 0;
    std::uint32_t crc = 0;
    bool isIndependent = false;
    bool isDiscontinuity = false;
};

struct CommitRecord {
    media::SlotId slot;
    std::vector<std::optional<CommittedPart>> parts;  // one a rendition
};

struct LogHeader {
    media::BroadcastPlan plan;
    std::size_t size = 0;  // where the first record is
};

std::uint32_t crc32Of(ByteView bytes);

Bytes encodeLogHeader(const media::BroadcastPlan& plan);
// Protocol for anything that is not a whole header.
Result<LogHeader> decodeLogHeader(ByteView log);

std::size_t commitRecordBytes(std::size_t renditions);
Bytes encode(const CommitRecord& record);
// Nothing unless `bytes` are exactly one undamaged record.
std::optional<CommitRecord> decodeCommitRecord(ByteView bytes, std::size_t renditions);

// "init-3fa9c1d2.mp4" and 0x3fa9c1d2. Nothing for any other name.
std::optional<std::uint32_t> parseInitName(std::string_view name);
std::string initName(std::uint32_t init);

// "<k>.m4s" and "<n>.commits". Nothing for any other name.
std::string segmentFileName(std::int64_t segment);
std::string logFileName(std::int64_t segment);
std::optional<std::int64_t> parseSegmentFileName(std::string_view name);
std::optional<std::int64_t> parseLogFileName(std::string_view name);  // n

}  // namespace live::store
