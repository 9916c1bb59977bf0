// One broadcaster's RTMP connection: bytes in, bytes and events out. No I/O and no clock: whoever runs it moves the
// bytes, watches the deadlines and closes the connection. One owner.
//
//   handshake → negotiating (connect … publish) → awaiting admission → publishing → closing
//
// Publishing only: play and its kin are answered with an error. After closing everything that comes is ignored; the
// runner sends what takeOutput() still has, then closes after about a second, or when the peer does.
#pragma once

#include <string>
#include <vector>

#include "server/ingest/rtmp/chunk_reader.h"
#include "server/ingest/rtmp/chunk_writer.h"
#include "server/ingest/rtmp/events.h"
#include "server/ingest/rtmp/handshake.h"
#include "server/ingest/rtmp/media_input.h"
#include "server/ingest/rtmp/publish_target.h"
#include "server/ingest/rtmp/replies.h"

namespace live::ingest::rtmp {

namespace amf0 {
struct Value;
}

class Session {
public:
    enum class Phase : std::uint8_t { Handshake, Negotiating, AwaitingAdmission, Publishing, Closing };

    // `seed` varies the random part of the handshake.
    explicit Session(std::uint64_t seed) : m_handshake(seed) { m_reader.limitMessages(kMaxDataMessageBytes); }

    // Takes what came from the peer and appends what happened to `events`. After an error (Protocol: malformed bytes or
    // a limit of limits.h) the connection must be closed. While admission is awaited bytes are held, within those
    // limits.
    Result<void> receive(ByteView bytes, std::vector<Event>& events);

    // The answers to PublishRequested. Accepting goes on with the bytes held meanwhile, as receive() does.
    Result<void> accept(std::vector<Event>& events);
    void refuse(const media::Refusal& refusal);

    // Tells a broadcaster why it is disconnected. Does nothing once closing.
    void close(const media::Refusal& refusal);

    // To be called once a second: until then no more than kMaxMessagesPerSecond of media are taken.
    void startSecond() { m_media.startSecond(); }

    // What is to be sent; the caller takes it after every call above.
    Bytes takeOutput() { return std::exchange(m_output, ByteWriter()).take(); }

    Phase phase() const { return m_phase; }
    const MediaInput::Counters& mediaCounters() const { return m_media.counters(); }

private:
    struct Command {
        std::string_view name;
        double transaction = 0;
        const std::vector<amf0::Value>& values;
        std::uint32_t streamId = 0;
        // The text argument at `index` of the message, empty if it isn't one.
        std::string_view text(std::size_t index) const;
    };

    Result<void> receiveChunks(ByteView bytes, std::vector<Event>& events);
    Result<void> countBeforePublish(std::size_t bytes);
    void acknowledge(std::size_t bytes);
    void send(const Message& message) { m_writer.write(message, m_output); }

    Result<void> handle(const Message& message, std::vector<Event>& events);
    void handleUserControl(const Message& message);
    void handleWindow(const Message& message);
    Result<void> handleMedia(const Message& message, std::vector<Event>& events);

    // session_commands.cpp
    Result<void> handleCommand(const Message& message, std::vector<Event>& events);
    void dispatch(const Command& command, std::vector<Event>& events);
    void handleConnect(const Command& command, std::vector<Event>& events);
    void handleCreateStream(const Command& command);
    void handlePublish(const Command& command, std::vector<Event>& events);
    void handleUnpublish(std::vector<Event>& events);
    void handlePlay(const Command& command);
    void handleOther(const Command& command);

    Phase m_phase = Phase::Handshake;
    Handshake m_handshake;
    ChunkReader m_reader;
    ChunkWriter m_writer;
    MediaInput m_media;
    ByteWriter m_output;

    bool m_isConnected = false;
    ConnectTarget m_target;
    std::string m_encoder;
    std::uint32_t m_nextStreamId = 1;
    std::uint32_t m_publishStreamId = 1;
    std::size_t m_bytesBeforePublish = 0;
    Bytes m_held;  // while awaiting admission

    std::uint32_t m_received = 0;  // since the handshake; wraps, as the acknowledgement does
    std::uint32_t m_unacknowledged = 0;
    std::uint32_t m_window = kWindowBytes;
};

}  // namespace live::ingest::rtmp
