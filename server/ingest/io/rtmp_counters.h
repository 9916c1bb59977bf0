// What happened at the RTMP door since the start. Written and read on the media thread.
#pragma once

#include <array>
#include <cstdint>

#include "server/media/publish.h"

namespace live::ingest::io {

struct RtmpCounters {
    static constexpr std::size_t kReasons = static_cast<std::size_t>(media::RefusalReason::ShuttingDown) + 1;

    std::uint64_t bytesReceived = 0;
    std::uint64_t bytesSent = 0;
    std::uint64_t accepted = 0;     // connections
    std::uint64_t published = 0;    // sessions that were admitted
    std::uint64_t connections = 0;  // open now
    std::uint64_t publishing = 0;   // publishing now
    std::uint64_t evicted = 0;      // closed unpublished to make room
    std::uint64_t turnedAway = 0;   // closed at once: every place is taken by a publisher, or descriptors ran out
    std::uint64_t rateLimited = 0;  // closed at once: too many refusals from that address
    std::uint64_t unknownApplication = 0;
    std::uint64_t protocolErrors = 0;
    std::uint64_t handshakeTimeouts = 0;
    std::uint64_t publishTimeouts = 0;  // handshake done, but never published
    std::uint64_t deadPeers = 0;        // publishers that sent no more media
    std::uint64_t stalledWrites = 0;    // peers that let our answers pile up
    std::uint64_t damagedFrames = 0;
    std::uint64_t earlyFrames = 0;                   // before their decoder configuration
    std::array<std::uint64_t, kReasons> refusals{};  // by media::RefusalReason, at publish or later

    std::uint64_t& refusal(media::RefusalReason reason) { return refusals[static_cast<std::size_t>(reason)]; }
};

}  // namespace live::ingest::io
