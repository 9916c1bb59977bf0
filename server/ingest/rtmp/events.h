// What the protocol core tells the one who runs it. In the order in which it happened.
#pragma once

#include <optional>
#include <string>
#include <variant>

#include "server/media/packet.h"
#include "server/media/publish.h"

namespace live::ingest::rtmp {

// A broadcaster wants to publish: answer with Session::accept() or Session::refuse(). Nothing comes before the answer.
struct PublishRequested {
    std::string application;  // "live" or "app"
    std::string key;          // secret: never logged
    std::string encoder;      // flashVer; at most 128 bytes
};

// The core refused the broadcaster and is closing: an unknown application, no key, media that is not supported.
struct Refused {
    std::optional<media::RefusalReason> reason;  // nothing: the application is not one of ours
    std::string message;
};

// The broadcaster ended its stream.
struct Unpublished {};

using Event = std::variant<PublishRequested, media::Track, media::PublishMetadata, media::Packet, Refused, Unpublished>;

}  // namespace live::ingest::rtmp
