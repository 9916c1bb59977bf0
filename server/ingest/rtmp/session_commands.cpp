// Commands: Adobe RTMP specification 1.0, §7.2, and what FMLE, librtmp and FFmpeg send besides.
#include <array>

#include "server/ingest/rtmp/amf0.h"
#include "server/ingest/rtmp/limits.h"
#include "server/ingest/rtmp/session.h"

namespace live::ingest::rtmp {

namespace {

constexpr std::size_t kMaxEncoderBytes = 128;
constexpr std::uint32_t kMaxStreams = 16;

std::string_view textIn(const amf0::Object& object, std::string_view name) {
    const amf0::Value* value = object.find(name);
    return value && value->text() ? std::string_view(*value->text()) : std::string_view();
}

}  // namespace

std::string_view Session::Command::text(std::size_t index) const {
    return index < values.size() && values[index].text() ? std::string_view(*values[index].text()) : std::string_view();
}

Result<void> Session::handleCommand(const Message& message, std::vector<Event>& events) {
    ByteView payload = message.payload.view();
    if (payload.size() > kMaxDataMessageBytes) return fail(ErrorCode::Protocol, "a command is larger than 64 KiB");
    // AMF3 commands are AMF0 after a byte that says so.
    if (message.type == MessageType::CommandAmf3 && !payload.empty()) payload = payload.subspan(1);
    const std::vector<amf0::Value> values = LIVE_TRY(amf0::decode(payload));
    if (values.empty() || !values[0].text()) return fail(ErrorCode::Protocol, "a command has no name");
    const double* transaction = values.size() > 1 ? values[1].number() : nullptr;
    dispatch({*values[0].text(), transaction ? *transaction : 0, values, message.streamId}, events);
    return {};
}

void Session::dispatch(const Command& command, std::vector<Event>& events) {
    if (command.name == "connect") return handleConnect(command, events);
    if (command.name == "createStream") return handleCreateStream(command);
    if (command.name == "publish") return handlePublish(command, events);
    if (command.name == "FCUnpublish" || command.name == "deleteStream" || command.name == "closeStream") {
        return handleUnpublish(events);
    }
    if (command.name == "play" || command.name == "play2") return handlePlay(command);
    handleOther(command);
}

void Session::handleConnect(const Command& command, std::vector<Event>& events) {
    const amf0::Object* arguments = command.values.size() > 2 ? command.values[2].object() : nullptr;
    const std::string_view application = arguments ? textIn(*arguments, "app") : std::string_view();
    m_target = parseConnectTarget(application, arguments ? textIn(*arguments, "tcUrl") : std::string_view());
    m_encoder = arguments ? textIn(*arguments, "flashVer").substr(0, kMaxEncoderBytes) : std::string_view();
    if (!isKnownApplication(m_target.application)) {
        // Not by its name: who leaves out "live" has the stream key there, and this reaches the log.
        const std::string message = "this address takes no streams; push to rtmp://<host>/live/<stream key>";
        send(connectRefused(command.transaction, message));
        m_phase = Phase::Closing;
        events.emplace_back(Refused{std::nullopt, message});
        return;
    }
    send(windowAcknowledgementSize(kWindowBytes));
    send(setPeerBandwidth(kWindowBytes));
    send(setChunkSize(kOutgoingChunkBytes));
    m_writer.setChunkSize(kOutgoingChunkBytes);
    send(connectAccepted(command.transaction));
    m_isConnected = true;
}

void Session::handleCreateStream(const Command& command) {
    if (m_nextStreamId > kMaxStreams) {
        return send(callFailed(command.transaction, "one connection publishes one stream"));
    }
    send(streamCreated(command.transaction, m_nextStreamId++));
}

void Session::handlePublish(const Command& command, std::vector<Event>& events) {
    if (m_phase != Phase::Negotiating) {
        return send(onStatus(command.streamId, {StatusLevel::Error, "NetStream.Publish.BadName",
                                                "this connection publishes already; open another one"}));
    }
    if (!m_isConnected) return send(callFailed(command.transaction, "publish needs a connect before it"));
    m_publishStreamId = command.streamId;
    m_phase = Phase::AwaitingAdmission;
    std::string key = publishKey(command.text(3), m_target);
    if (key.empty()) {
        const media::Refusal refusal{media::RefusalReason::UnknownKey,
                                     "no stream key was sent; push to rtmp://<host>/live/<stream key>"};
        refuse(refusal);
        events.emplace_back(Refused{refusal.reason, refusal.message});
        return;
    }
    events.emplace_back(PublishRequested{m_target.application, std::move(key), m_encoder});
}

// FCUnpublish, deleteStream and closeStream come in any combination; the first one ends the stream.
void Session::handleUnpublish(std::vector<Event>& events) {
    if (m_phase != Phase::Publishing) return;
    send(onStatus(m_publishStreamId, {StatusLevel::Status, "NetStream.Unpublish.Success", "The stream has ended."}));
    m_phase = Phase::Closing;
    events.emplace_back(Unpublished{});
}

void Session::handlePlay(const Command& command) {
    send(onStatus(command.streamId, {StatusLevel::Error, "NetStream.Play.StreamNotFound",
                                     "RTMP is for publishing here; viewers play HLS over HTTP"}));
}

// Calls that encoders make and that need no more than a friendly answer; everything else fails, when it wants an
// answer.
void Session::handleOther(const Command& command) {
    static constexpr std::array<std::string_view, 5> kAnswered{"releaseStream", "FCPublish", "_checkbw", "FCSubscribe",
                                                               "setStreamInfo"};
    if (command.transaction == 0) return;
    if (std::ranges::find(kAnswered, command.name) != kAnswered.end()) return send(emptyResult(command.transaction));
    if (command.name.starts_with('_') || command.name.starts_with("on")) return;  // answers, not calls
    send(callFailed(command.transaction, "this call is not known here"));
}

}  // namespace live::ingest::rtmp
