// Handshake and chunks. The first byte decides how the rest is cut into pieces; the messages must not depend on it.
#include "server/ingest/rtmp/chunk_reader.h"
#include "server/ingest/rtmp/handshake.h"
#include "server/ingest/rtmp/limits.h"

using namespace live;
using namespace live::ingest::rtmp;

namespace {

std::size_t readInPieces(ByteView input, std::size_t pieceBytes) {
    Handshake handshake(1);
    ChunkReader reader;
    ByteWriter output;
    std::size_t messages = 0;
    while (!input.empty()) {
        ByteView piece = input.first(std::min(pieceBytes, input.size()));
        input = input.subspan(piece.size());
        if (!handshake.isDone() && !handshake.receive(piece, output)) return messages;
        while (!piece.empty()) {
            const auto next = reader.next(piece);
            if (!next) return messages;
            if (!*next) break;
            ++messages;
        }
        LIVE_ASSERT(reader.partialBytes() <= kMaxPartialBytes);
    }
    return messages;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 1) return 0;
    Bytes bytes(3073);  // a handshake, so that mutations are spent on chunks
    bytes[0] = 3;
    bytes.insert(bytes.end(), data + 1, data + size);
    const bool isWithHandshake = data[0] & 0x80;
    const ByteView input = isWithHandshake ? ByteView(data, size).subspan(1) : ByteView(bytes);
    const std::size_t whole = readInPieces(input, SIZE_MAX);
    LIVE_ASSERT(whole == readInPieces(input, 1 + (data[0] & 0x7F)));
    return 0;
}
