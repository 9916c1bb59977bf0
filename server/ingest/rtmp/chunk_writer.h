// Messages in, chunks out (Adobe RTMP specification 1.0, §5.3): a header of type 0, then chunks of type 3. One owner.
#pragma once

#include "server/ingest/rtmp/message.h"

namespace live::ingest::rtmp {

class ChunkWriter {
public:
    // Appends the message to `output`. Its chunk stream is 2 to 65599, its payload under 16 MiB.
    void write(const Message& message, ByteWriter& output) const;
    // For the messages after this; the peer must have been told with Set Chunk Size.
    void setChunkSize(std::uint32_t bytes) { m_chunkSize = bytes; }

private:
    std::uint32_t m_chunkSize = 128;
};

}  // namespace live::ingest::rtmp
