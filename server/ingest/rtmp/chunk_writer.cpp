#include "server/ingest/rtmp/chunk_writer.h"

namespace live::ingest::rtmp {

namespace {

void writeBasicHeader(std::uint32_t format, std::uint32_t chunkStream, ByteWriter& output) {
    if (chunkStream < 64) {
        output.u8(format << 6 | chunkStream);
    } else if (chunkStream < 320) {
        output.u8(format << 6).u8(chunkStream - 64);
    } else {
        output.u8(format << 6 | 1).u8((chunkStream - 64) & 0xFF).u8((chunkStream - 64) >> 8);
    }
}

}  // namespace

void ChunkWriter::write(const Message& message, ByteWriter& output) const {
    const bool isExtended = message.timestamp >= kExtendedTimestamp;
    writeBasicHeader(0, message.chunkStream, output);
    output.u24(isExtended ? kExtendedTimestamp : message.timestamp).u24(message.payload.size());
    output.u8(static_cast<std::uint8_t>(message.type));
    for (int shift = 0; shift < 32; shift += 8) output.u8(message.streamId >> shift);  // little-endian, alone in RTMP
    if (isExtended) output.u32(message.timestamp);
    ByteView rest = message.payload.view();
    for (;;) {
        const std::size_t count = std::min<std::size_t>(rest.size(), m_chunkSize);
        output.bytes(rest.first(count));
        rest = rest.subspan(count);
        if (rest.empty()) return;
        writeBasicHeader(3, message.chunkStream, output);
        if (isExtended) output.u32(message.timestamp);
    }
}

}  // namespace live::ingest::rtmp
