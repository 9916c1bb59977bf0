// The messages a server sends (Adobe RTMP specification 1.0, §5.4, §7.1.7, §7.2). Pure.
#pragma once

#include <string>
#include <string_view>

#include "server/ingest/rtmp/message.h"
#include "server/media/publish.h"

namespace live::ingest::rtmp {

inline constexpr std::uint32_t kWindowBytes = 2'500'000;
inline constexpr std::uint32_t kOutgoingChunkBytes = 65'536;

Message setChunkSize(std::uint32_t bytes);
Message acknowledgement(std::uint32_t receivedBytes);
Message windowAcknowledgementSize(std::uint32_t bytes);
Message setPeerBandwidth(std::uint32_t bytes);  // limit type dynamic
Message streamBegin(std::uint32_t streamId);
Message pong(std::uint32_t timestamp);

Message connectAccepted(double transaction);
// NetConnection.Connect.InvalidApp.
Message connectRefused(double transaction, std::string_view description);
Message streamCreated(double transaction, std::uint32_t streamId);
Message emptyResult(double transaction);
// NetConnection.Call.Failed.
Message callFailed(double transaction, std::string_view description);

enum class StatusLevel : std::uint8_t { Status, Error };
struct Status {
    StatusLevel level = StatusLevel::Status;
    std::string_view code;  // "NetStream.Publish.Start"
    std::string_view description;
};
Message onStatus(std::uint32_t streamId, const Status& status);

// The NetStream.Publish.… code that says it best.
std::string_view statusCode(media::RefusalReason reason);

}  // namespace live::ingest::rtmp
