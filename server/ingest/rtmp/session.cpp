#include "server/ingest/rtmp/session.h"

#include "server/ingest/rtmp/limits.h"

namespace live::ingest::rtmp {

namespace {

constexpr std::uint16_t kPing = 6;
// Windows smaller than this would have us answer every packet.
constexpr std::uint32_t kSmallestWindow = 64 * 1024;

}  // namespace

Result<void> Session::receive(ByteView bytes, std::vector<Event>& events) {
    if (m_phase == Phase::Closing) return {};
    if (m_phase == Phase::Handshake) {
        LIVE_TRY(m_handshake.receive(bytes, m_output));
        if (!m_handshake.isDone()) return {};
        m_phase = Phase::Negotiating;
    }
    acknowledge(bytes.size());
    return receiveChunks(bytes, events);
}

Result<void> Session::receiveChunks(ByteView bytes, std::vector<Event>& events) {
    while (m_phase == Phase::Negotiating || m_phase == Phase::Publishing) {
        const std::size_t before = bytes.size();
        const bool isNegotiating = m_phase == Phase::Negotiating;
        const std::optional<Message> message = LIVE_TRY(m_reader.next(bytes));
        if (isNegotiating) LIVE_TRY(countBeforePublish(before - bytes.size()));
        if (!message) return {};
        LIVE_TRY(handle(*message, events));
    }
    if (m_phase == Phase::AwaitingAdmission) {
        LIVE_TRY(countBeforePublish(bytes.size()));
        m_held.insert(m_held.end(), bytes.begin(), bytes.end());
    }
    return {};
}

Result<void> Session::countBeforePublish(std::size_t bytes) {
    m_bytesBeforePublish += bytes;
    if (m_bytesBeforePublish <= kMaxBytesBeforePublish) return {};
    return fail(ErrorCode::Protocol,
                "more than 64 KiB came before the stream was accepted; wait for the answer to publish");
}

// Within half a window, so that the peer never waits for it.
void Session::acknowledge(std::size_t bytes) {
    m_received += static_cast<std::uint32_t>(bytes);
    m_unacknowledged += static_cast<std::uint32_t>(bytes);
    if (m_unacknowledged < m_window / 2) return;
    m_unacknowledged = 0;
    send(acknowledgement(m_received));
}

Result<void> Session::accept(std::vector<Event>& events) {
    if (m_phase != Phase::AwaitingAdmission) return {};
    m_phase = Phase::Publishing;
    m_reader.limitMessages(kMaxMessageBytes);
    send(streamBegin(m_publishStreamId));
    send(
        onStatus(m_publishStreamId, {StatusLevel::Status, "NetStream.Publish.Start", "The stream is being received."}));
    const Bytes held = std::exchange(m_held, Bytes());
    return receiveChunks(held, events);
}

void Session::refuse(const media::Refusal& refusal) { close(refusal); }

void Session::close(const media::Refusal& refusal) {
    if (m_phase == Phase::Closing) return;
    if (m_phase == Phase::AwaitingAdmission || m_phase == Phase::Publishing) {
        send(onStatus(m_publishStreamId, {StatusLevel::Error, statusCode(refusal.reason), refusal.message}));
    }
    m_phase = Phase::Closing;
    m_held = Bytes();
}

Result<void> Session::handle(const Message& message, std::vector<Event>& events) {
    switch (message.type) {
        case MessageType::UserControl: handleUserControl(message); return {};
        case MessageType::WindowAcknowledgementSize: handleWindow(message); return {};
        case MessageType::CommandAmf0:
        case MessageType::CommandAmf3: return handleCommand(message, events);
        case MessageType::Audio:
        case MessageType::Video:
        case MessageType::DataAmf0:
        case MessageType::DataAmf3:
        case MessageType::Aggregate: return handleMedia(message, events);
        default: return {};
    }
}

void Session::handleUserControl(const Message& message) {
    ByteReader reader(message.payload.view());
    const std::uint16_t event = reader.u16();
    const std::uint32_t timestamp = reader.u32();
    if (event == kPing && !reader.failed()) send(pong(timestamp));
}

void Session::handleWindow(const Message& message) {
    ByteReader reader(message.payload.view());
    const std::uint32_t window = reader.u32();
    if (!reader.failed() && window > 0) m_window = std::max(window, kSmallestWindow);
}

// Media that comes before publish is accepted has nowhere to go.
Result<void> Session::handleMedia(const Message& message, std::vector<Event>& events) {
    if (m_phase != Phase::Publishing) return {};
    const Result<void> result = m_media.receive(message, events);
    if (result || result.error().code != ErrorCode::Unsupported) return result;
    const media::Refusal refusal{media::RefusalReason::UnsupportedMedia, result.error().message};
    close(refusal);
    events.emplace_back(Refused{refusal.reason, refusal.message});
    return {};
}

}  // namespace live::ingest::rtmp
