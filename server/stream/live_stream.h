// One stream: who may publish to it, what state it is in, when its broadcasts start and end.
//
//   idle ─publish, probe─► live ─publisher gone─► interrupted ─publish─► live
//                                                 └─ end_grace after a clean unpublish, reconnect_window else ─► ended
//   any ─stop()─► ended ─publish─► live (the next broadcast)
//
// The windows count running time: after a standstill (a suspended machine) they begin anew.
//
// On the media thread; driven by calls and by tick(), reads the clock it is given, has no timers of its own.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "common/base/clock.h"
#include "common/log/log.h"
#include "common/log/rate_limit.h"
#include "server/media/publish.h"
#include "server/stream/input_monitor.h"
#include "server/stream/live_plane.h"
#include "server/stream/on_air.h"
#include "server/stream/probe.h"
#include "server/stream/takeover.h"

namespace live::stream {

// A broadcast begins with the first media. Viewers who come in between are held, for this long after the publish: then
// a stream without media is offline to them until media comes.
inline constexpr Nanoseconds kLongestHold = Seconds(10);

struct StreamTimes {
    Nanoseconds endGrace = Seconds(5);
    Nanoseconds reconnectWindow = Seconds(60);
};

class LiveStream final : private OnAirListener {
public:
    LiveStream(StreamId id, StreamPolicy policy, StreamTimes times, const Clock& clock, Studio& studio,
               log::Logger logger);
    ~LiveStream() override;

    // Policy for keys is checked before: this is about the stream itself.
    media::PublishPoint::Answer publish(const media::PublishRequest& request,
                                        std::shared_ptr<media::Publisher> publisher);

    void setPolicy(StreamPolicy policy);
    // Disconnects a publisher whose key is not among these any more; the broadcast waits for another one.
    void setKeys(const std::unordered_map<std::string, KeyPolicy>& keys);
    // Ends the broadcast, disconnects its publisher and refuses its keys for `hold` from now on. Again, it changes the
    // hold; 0 lifts it. Conflict without a broadcast that is on air or has ended, and without a hold.
    Result<void> stop(Seconds hold);
    // Goes on with a broadcast from before a restart of the server; it waits for its publisher. `make` answers Timeout
    // for one that has ended.
    using Resume = std::function<Result<std::unique_ptr<OnAir>>(OnAirListener&)>;
    void resume(const BroadcastId& broadcast, const Resume& make);
    // The stream was deleted: its publisher is disconnected, its broadcast ended and forgotten at once.
    void remove();
    void tick();

    StreamState state() const { return m_state; }
    StreamStats stats() const;

private:
    class Session;

    std::optional<media::Refusal> refusalFor(const media::PublishRequest& request);
    void attach(const media::PublishRequest& request, std::shared_ptr<media::Publisher> publisher);
    void detach(media::Refusal refusal);
    void endAfter(Nanoseconds window);
    void waitForInput(std::string_view reason);
    void endBroadcast(std::string_view reason);
    void endWithPublisher(media::Refusal refusal, std::string_view reason);
    void stoodStill(Nanoseconds length);
    void goLive();
    void holdNoLonger();
    void setState(StreamState state, std::string_view reason);
    InputStats inputStats() const;

    // From the session, which is the publisher in charge.
    void sessionTrack(media::Track track);
    void sessionMetadata(const media::PublishMetadata& metadata);
    void sessionPacket(media::Packet packet);
    void sessionEnded(media::EndReason reason, std::string_view why);

    void inputUnsupported(const std::string& message) override;
    void inputWarning(const std::string& message) override;
    void ended() override;

    StreamId m_id;
    StreamPolicy m_policy;
    StreamTimes m_times;
    const Clock& m_clock;
    Studio& m_studio;
    log::Logger m_logger;

    StreamState m_state = StreamState::Idle;
    std::shared_ptr<Session> m_session;
    std::unique_ptr<OnAir> m_onAir;
    std::string m_broadcastId;  // of the last broadcast, after its end too
    BootTime m_startedAt{};
    bool m_isEnding = false;          // end() was asked for
    bool m_hasEnded = false;          // ended() came: m_onAir goes with the next tick
    std::optional<BootTime> m_endAt;  // when an interrupted broadcast ends
    BootTime m_heldUntil;
    BootTime m_lastTick;
    log::RateLimit m_sharedKeyReports;
    TakeoverRule m_takeover;
};

}  // namespace live::stream
