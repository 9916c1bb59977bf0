#include "server/ingest/rtmp/chunk_reader.h"

namespace live::ingest::rtmp {

namespace {

constexpr std::uint32_t kControlStream = 2;
constexpr std::size_t kExtendedBytes = 4;
// Length of the message header by format.
constexpr std::array<std::size_t, 4> kMessageHeaderBytes{11, 7, 3, 0};

std::size_t basicHeaderBytes(std::uint8_t first) {
    const int low = first & 0x3F;
    return low == 0 ? 2 : low == 1 ? 3 : 1;
}

std::uint32_t chunkStreamId(const std::uint8_t* header) {
    const std::uint32_t low = header[0] & 0x3F;
    if (low == 0) return 64 + header[1];
    if (low == 1) return 64 + header[1] + 256u * header[2];
    return low;
}

std::uint32_t littleEndian(ByteView bytes) {
    return bytes[0] | std::uint32_t{bytes[1]} << 8 | std::uint32_t{bytes[2]} << 16 | std::uint32_t{bytes[3]} << 24;
}

}  // namespace

Result<std::optional<Message>> ChunkReader::next(ByteView& input) {
    for (;;) {
        if (!m_current) {
            const bool isComplete = LIVE_TRY(readHeader(input));
            if (!isComplete) return std::nullopt;
        }
        LIVE_ASSERT(m_current.has_value());
        ChunkStream& stream = m_streams[*m_current];
        LIVE_TRY(takePayload(stream, input));
        if (m_chunkRemaining > 0) return std::nullopt;
        m_current.reset();
        if (stream.partial.size() < stream.length) continue;
        std::optional<Message> message = LIVE_TRY(finishMessage(stream));
        if (message) return message;
    }
}

// Collects header bytes until there are `total`; false when the input ends before.
bool ChunkReader::takeHeaderBytes(ByteView& input, std::size_t total) {
    while (m_headerSize < total) {
        ByteView& from = source(input);
        if (from.empty()) return false;
        m_header[m_headerSize++] = from[0];
        from = from.subspan(1);
    }
    return true;
}

// Reads a chunk's header and prepares its payload; false when the input ends before.
Result<bool> ChunkReader::readHeader(ByteView& input) {
    if (!takeHeaderBytes(input, 1)) return false;
    if (!takeHeaderBytes(input, basicHeaderBytes(m_header[0]))) return false;
    const std::uint32_t format = m_header[0] >> 6;
    const bool isComplete = LIVE_TRY(format == 3 ? readRepeatedHeader(input) : readFullHeader(input, format));
    if (!isComplete) return false;
    ChunkStream& stream = *find(chunkStreamId(m_header.data()));
    m_headerSize = 0;
    m_current = static_cast<std::size_t>(&stream - m_streams.data());
    m_chunkRemaining = std::min<std::size_t>(m_chunkSize, stream.length - stream.partial.size());
    return true;
}

// Formats 0, 1 and 2: always the start of a message. One that was incomplete is given up.
Result<bool> ChunkReader::readFullHeader(ByteView& input, std::uint32_t format) {
    const std::size_t basic = basicHeaderBytes(m_header[0]);
    const std::size_t end = basic + kMessageHeaderBytes[format];
    if (!takeHeaderBytes(input, end)) return false;
    ByteReader reader(ByteView(m_header).subspan(basic));
    std::uint32_t time = reader.u24();
    const bool isExtended = time == kExtendedTimestamp;
    if (isExtended) {
        if (!takeHeaderBytes(input, end + kExtendedBytes)) return false;
        time = ByteReader(ByteView(m_header).subspan(end)).u32();
    }
    ChunkStream& stream = *LIVE_TRY(findOrAdd(chunkStreamId(m_header.data()), format));
    discard(stream);
    stream.extended = isExtended ? std::optional(time) : std::nullopt;
    if (format < 2) {
        stream.length = reader.u24();
        stream.type = static_cast<MessageType>(reader.u8());
    }
    if (format == 0) {
        stream.streamId = littleEndian(reader.bytes(4));
        stream.timestamp = time;
        stream.delta = 0;
    } else {
        stream.delta = time;
        stream.timestamp += time;
    }
    LIVE_TRY(beginMessage(stream));
    return true;
}

// Format 3: the next chunk of a message, or a message with the header of the one before.
Result<bool> ChunkReader::readRepeatedHeader(ByteView& input) {
    ChunkStream* stream = find(chunkStreamId(m_header.data()));
    if (!stream) return fail(ErrorCode::Protocol, "a chunk continues a chunk stream that was never started");
    if (stream->extended && !skipExtended(input, *stream->extended)) return false;
    if (!stream->isInMessage) {
        stream->timestamp += stream->delta;
        LIVE_TRY(beginMessage(*stream));
    }
    return true;
}

// Steps over an extended timestamp if it is there: only bytes equal to `expected` are taken for one. False when the
// input ends before that is known.
bool ChunkReader::skipExtended(ByteView& input, std::uint32_t expected) {
    const std::size_t basic = basicHeaderBytes(m_header[0]);
    while (m_headerSize < basic + kExtendedBytes) {
        const std::size_t matched = m_headerSize - basic;
        ByteView& from = source(input);
        if (from.empty()) return false;
        if (from[0] != static_cast<std::uint8_t>(expected >> (24 - 8 * matched))) {
            replay(ByteView(m_header).subspan(basic, matched));
            break;
        }
        takeHeaderBytes(input, m_headerSize + 1);
    }
    return true;
}

void ChunkReader::replay(ByteView consumed) {
    std::array<std::uint8_t, 8> bytes{};
    std::copy(consumed.begin(), consumed.end(), bytes.begin());
    std::copy(m_replay.begin(), m_replay.end(), bytes.begin() + static_cast<std::ptrdiff_t>(consumed.size()));
    const std::size_t count = consumed.size() + m_replay.size();
    m_replayBytes = bytes;
    m_replay = ByteView(m_replayBytes).first(count);
}

ChunkReader::ChunkStream* ChunkReader::find(std::uint32_t id) {
    for (ChunkStream& stream : m_streams) {
        if (stream.id == id) return &stream;
    }
    return nullptr;
}

Result<ChunkReader::ChunkStream*> ChunkReader::findOrAdd(std::uint32_t id, std::uint32_t format) {
    if (ChunkStream* stream = find(id)) return stream;
    // librtmp sends its first control message with a header of type 1.
    if (format != 0 && !(format == 1 && id == kControlStream)) {
        return fail(ErrorCode::Protocol, "a chunk stream starts with a chunk of type " + std::to_string(format));
    }
    if (m_streams.size() == kMaxChunkStreams) return fail(ErrorCode::Protocol, "more than 64 chunk streams are used");
    m_streams.push_back({.id = id, .extended = {}, .partial = {}});
    return &m_streams.back();
}

Result<void> ChunkReader::beginMessage(ChunkStream& stream) {
    if (stream.length > m_maxMessageBytes) {
        return fail(ErrorCode::Protocol, "a message of " + std::to_string(stream.length) +
                                             " bytes is over the limit of " + std::to_string(m_maxMessageBytes / 1024) +
                                             " KiB");
    }
    stream.isInMessage = true;
    return {};
}

// Doubles up to the exact length, so that what is kept for long wastes nothing.
Result<void> ChunkReader::makeRoom(ChunkStream& stream, std::size_t needed) {
    const std::size_t before = stream.partial.capacity();
    if (needed <= before) return {};
    const std::size_t target = std::min<std::size_t>(stream.length, std::max(needed, 2 * stream.partial.size()));
    if (m_partialBytes - before + target > kMaxPartialBytes) {
        return fail(ErrorCode::Protocol, "more than 16 MiB of incomplete messages are in flight");
    }
    stream.partial.reserve(target);
    m_partialBytes += stream.partial.capacity() - before;
    return {};
}

Result<void> ChunkReader::takePayload(ChunkStream& stream, ByteView& input) {
    while (m_chunkRemaining > 0) {
        ByteView& from = source(input);
        const std::size_t count = std::min(from.size(), m_chunkRemaining);
        if (count == 0) break;
        LIVE_TRY(makeRoom(stream, stream.partial.size() + count));
        stream.partial.insert(stream.partial.end(), from.begin(), from.begin() + static_cast<std::ptrdiff_t>(count));
        from = from.subspan(count);
        m_chunkRemaining -= count;
    }
    return {};
}

// The message, unless it was for the chunk layer.
Result<std::optional<Message>> ChunkReader::finishMessage(ChunkStream& stream) {
    m_partialBytes -= stream.partial.capacity();
    stream.isInMessage = false;
    Message message{stream.type, stream.timestamp, stream.streamId, stream.id, Buffer(std::move(stream.partial))};
    stream.partial = Bytes();
    if (message.type == MessageType::SetChunkSize) {
        LIVE_TRY(setChunkSize(message));
        return std::nullopt;
    }
    if (message.type == MessageType::Abort) {
        abort(message);
        return std::nullopt;
    }
    return message;
}

void ChunkReader::discard(ChunkStream& stream) {
    m_partialBytes -= stream.partial.capacity();
    stream.partial = Bytes();
    stream.isInMessage = false;
}

Result<void> ChunkReader::setChunkSize(const Message& message) {
    ByteReader reader(message.payload.view());
    const std::uint32_t size = reader.u32();
    if (reader.failed() || size == 0 || size > 0x7FFFFFFF) {
        return fail(ErrorCode::Protocol, "the chunk size " + std::to_string(size) + " is not in 1 to 2147483647");
    }
    m_chunkSize = std::min<std::uint32_t>(size, 0xFFFFFF);
    return {};
}

void ChunkReader::abort(const Message& message) {
    if (ChunkStream* stream = find(ByteReader(message.payload.view()).u32())) discard(*stream);
}

}  // namespace live::ingest::rtmp
