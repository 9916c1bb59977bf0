// A running broadcast as the state machine of its stream sees it (live_stream.h); broadcast.h is the real one.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "server/media/plan.h"
#include "server/media/publish.h"
#include "server/stream/live_plane.h"
#include "server/stream/planner.h"

namespace live::stream {

// On the media thread.
class OnAir {
public:
    // A server that was away or stood still for longer ends the broadcast.
    static constexpr Nanoseconds kLongestAbsence = std::chrono::minutes(10);

    virtual ~OnAir() = default;

    virtual const media::BroadcastPlan& plan() const = 0;
    virtual void inputTrack(media::Track track) = 0;
    virtual void inputPacket(media::Packet packet, BootTime arrival) = 0;
    virtual void inputLost() = 0;

    // Closes the open segment, writes EXT-X-ENDLIST, then calls the listener's ended(). Takes at most a few seconds.
    virtual void end() = 0;
    // The same, now: what is missing of the open segment is filler. For a stream that starts its next broadcast.
    virtual void endNow() = 0;
    // Every 100 ms.
    virtual void tick() = 0;

    // Fills in renditions, latency, worker and alarms, and what the input there is has of warnings about its media.
    virtual void describe(StreamStats& stats) const = 0;
};

// What a broadcast tells its stream. Never called from within a call on OnAir, but for ended() from endNow().
class OnAirListener {
public:
    virtual ~OnAirListener() = default;
    // The decoder refuses the input for good (HDR, a profile it does not have).
    virtual void inputUnsupported(const std::string& message) = 0;
    virtual void inputWarning(const std::string& message) = 0;
    virtual void ended() = 0;
};

// Where broadcasts are made. On the media thread.
class Studio {
public:
    virtual ~Studio() = default;
    // A publisher was accepted: viewers of the stream are held until start() has its first playlist, or abandon().
    virtual void expect(const StreamId& stream) = 0;
    virtual void abandon(const StreamId& stream) = 0;
    // The stream was deleted and has no broadcast any more: nothing of it can be fetched from now on.
    virtual void forget(const StreamId& stream) = 0;
    // Every 100 ms.
    virtual void tick() = 0;
    // Of a stream without a broadcast: the alarms that its last one left.
    virtual void describe(const StreamId& stream, StreamStats& stats) const = 0;
    virtual Result<std::unique_ptr<OnAir>> start(const StreamId& stream, const BroadcastSettings& settings,
                                                 const ProbedInput& input, OnAirListener& listener) = 0;
};

}  // namespace live::stream
