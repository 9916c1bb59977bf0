#include "server/ingest/rtmp/replies.h"

#include "server/ingest/rtmp/amf0.h"

namespace live::ingest::rtmp {

namespace {

constexpr std::uint32_t kControlStream = 2;
constexpr std::uint32_t kCommandStream = 3;
constexpr std::uint32_t kStatusStream = 5;
constexpr std::uint16_t kStreamBegin = 0;
constexpr std::uint16_t kPong = 7;

amf0::Value text(std::string_view value) { return {std::string(value)}; }

Message control(MessageType type, ByteWriter& payload) { return {type, 0, 0, kControlStream, Buffer(payload.take())}; }

Message control32(MessageType type, std::uint32_t value) {
    ByteWriter payload;
    payload.u32(value);
    return control(type, payload);
}

Message command(std::string_view name, double transaction, const std::vector<amf0::Value>& arguments) {
    ByteWriter payload;
    amf0::encode(text(name), payload);
    amf0::encode({transaction}, payload);
    for (const amf0::Value& argument : arguments) amf0::encode(argument, payload);
    return {MessageType::CommandAmf0, 0, 0, kCommandStream, Buffer(payload.take())};
}

amf0::Object statusObject(const Status& status) {
    amf0::Object object;
    object.properties.push_back({"level", text(status.level == StatusLevel::Error ? "error" : "status")});
    object.properties.push_back({"code", text(status.code)});
    object.properties.push_back({"description", text(status.description)});
    return object;
}

}  // namespace

Message setChunkSize(std::uint32_t bytes) { return control32(MessageType::SetChunkSize, bytes); }

Message acknowledgement(std::uint32_t receivedBytes) { return control32(MessageType::Acknowledgement, receivedBytes); }

Message windowAcknowledgementSize(std::uint32_t bytes) {
    return control32(MessageType::WindowAcknowledgementSize, bytes);
}

Message setPeerBandwidth(std::uint32_t bytes) {
    ByteWriter payload;
    payload.u32(bytes).u8(2);
    return control(MessageType::SetPeerBandwidth, payload);
}

Message streamBegin(std::uint32_t streamId) {
    ByteWriter payload;
    payload.u16(kStreamBegin).u32(streamId);
    return control(MessageType::UserControl, payload);
}

Message pong(std::uint32_t timestamp) {
    ByteWriter payload;
    payload.u16(kPong).u32(timestamp);
    return control(MessageType::UserControl, payload);
}

Message connectAccepted(double transaction) {
    amf0::Object properties;
    properties.properties.push_back({"fmsVer", text("FMS/3,5,7,7009")});
    properties.properties.push_back({"capabilities", {31.0}});
    amf0::Object information =
        statusObject({StatusLevel::Status, "NetConnection.Connect.Success", "Connection succeeded."});
    information.properties.push_back({"objectEncoding", {0.0}});
    return command("_result", transaction, {{std::move(properties)}, {std::move(information)}});
}

Message connectRefused(double transaction, std::string_view description) {
    return command(
        "_error", transaction,
        {{amf0::Null{}}, {statusObject({StatusLevel::Error, "NetConnection.Connect.InvalidApp", description})}});
}

Message streamCreated(double transaction, std::uint32_t streamId) {
    return command("_result", transaction, {{amf0::Null{}}, {static_cast<double>(streamId)}});
}

Message emptyResult(double transaction) {
    return command("_result", transaction, {{amf0::Null{}}, {amf0::Undefined{}}});
}

Message callFailed(double transaction, std::string_view description) {
    return command("_error", transaction,
                   {{amf0::Null{}}, {statusObject({StatusLevel::Error, "NetConnection.Call.Failed", description})}});
}

Message onStatus(std::uint32_t streamId, const Status& status) {
    Message message = command("onStatus", 0, {{amf0::Null{}}, {statusObject(status)}});
    message.streamId = streamId;
    message.chunkStream = kStatusStream;
    return message;
}

std::string_view statusCode(media::RefusalReason reason) {
    switch (reason) {
        case media::RefusalReason::UnknownKey:
        case media::RefusalReason::KeyShared: return "NetStream.Publish.BadName";
        case media::RefusalReason::StreamDisabled:
        case media::RefusalReason::Held:
        case media::RefusalReason::TakenOver:
        case media::RefusalReason::Stopped:
        case media::RefusalReason::UnsupportedMedia:
        case media::RefusalReason::Overloaded:
        case media::RefusalReason::ShuttingDown: break;
    }
    return "NetStream.Publish.Denied";
}

}  // namespace live::ingest::rtmp
