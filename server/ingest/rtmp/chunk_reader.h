// Chunks in, messages out (Adobe RTMP specification 1.0, §5.3). No I/O; one owner.
//
// Handles Set Chunk Size and Abort itself, since they change how the next byte is read. Tolerates two habits of
// deployed encoders: type 3 chunks without the extended timestamp they should repeat, and a first chunk of type 1 on
// chunk stream 2. A type 3 chunk that starts a message right after one of type 0 means a delta of 0, as deployed
// servers take it. Memory: for incomplete messages no more than twice what has arrived of them and than their lengths,
// at most kMaxPartialBytes in all, and kMaxChunkStreams small records.
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "common/base/error.h"
#include "server/ingest/rtmp/limits.h"
#include "server/ingest/rtmp/message.h"

namespace live::ingest::rtmp {

class ChunkReader {
public:
    ChunkReader() = default;
    ChunkReader(const ChunkReader&) = delete;
    ChunkReader& operator=(const ChunkReader&) = delete;

    // The next complete message from the front of `input`; nothing when all of `input` is consumed and more is needed.
    // After an error (Protocol: malformed, or a limit of limits.h is exceeded) the reader is unusable.
    Result<std::optional<Message>> next(ByteView& input);

    // Announced messages longer than this are refused from now on; at first kMaxMessageBytes.
    void limitMessages(std::size_t bytes) { m_maxMessageBytes = bytes; }

    // Memory taken for incomplete messages.
    std::size_t partialBytes() const { return m_partialBytes; }

private:
    struct ChunkStream {
        std::uint32_t id = 0;
        std::uint32_t timestamp = 0;
        std::uint32_t delta = 0;
        std::uint32_t length = 0;
        MessageType type = MessageType::CommandAmf0;
        std::uint32_t streamId = 0;
        std::optional<std::uint32_t> extended;  // the extended timestamp of the last chunk of type 0, 1 or 2
        bool isInMessage = false;
        Bytes partial;
    };

    ByteView& source(ByteView& input) { return m_replay.empty() ? input : m_replay; }
    bool takeHeaderBytes(ByteView& input, std::size_t total);
    Result<bool> readHeader(ByteView& input);
    Result<bool> readFullHeader(ByteView& input, std::uint32_t format);
    Result<bool> readRepeatedHeader(ByteView& input);
    bool skipExtended(ByteView& input, std::uint32_t expected);
    void replay(ByteView consumed);
    ChunkStream* find(std::uint32_t id);
    Result<ChunkStream*> findOrAdd(std::uint32_t id, std::uint32_t format);
    Result<void> beginMessage(ChunkStream& stream);
    Result<void> makeRoom(ChunkStream& stream, std::size_t needed);
    Result<void> takePayload(ChunkStream& stream, ByteView& input);
    Result<std::optional<Message>> finishMessage(ChunkStream& stream);
    void discard(ChunkStream& stream);
    Result<void> setChunkSize(const Message& message);
    void abort(const Message& message);

    std::uint32_t m_chunkSize = 128;
    std::vector<ChunkStream> m_streams;
    std::size_t m_maxMessageBytes = kMaxMessageBytes;
    std::size_t m_partialBytes = 0;  // the capacities of ChunkStream::partial

    std::array<std::uint8_t, 18> m_header{};  // of the chunk that is being read
    std::size_t m_headerSize = 0;
    std::optional<std::size_t> m_current;  // index of the chunk stream whose payload is being read
    std::size_t m_chunkRemaining = 0;
    // Bytes that looked like an extended timestamp and were not: read again before the input.
    std::array<std::uint8_t, 8> m_replayBytes{};
    ByteView m_replay;
};

}  // namespace live::ingest::rtmp
