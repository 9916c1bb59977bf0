#include "server/stream/live_stream.h"

#include <algorithm>

#include "server/stream/input_description.h"

namespace live::stream {

namespace {

// Between two ticks: a suspended machine, or one on which nothing runs any more.
constexpr Nanoseconds kStandstill = Seconds(5);

// As long as an operator can ask for: more of it was stored by a clock that was wrong.
constexpr Nanoseconds kLongestStop = std::chrono::hours(1);

}  // namespace

using media::EndReason;
using media::Refusal;
using media::RefusalReason;

// The publisher in charge. Outlives its place in the stream: the ingest holds it until it has called onEnd().
class LiveStream::Session final : public media::PublishSink {
public:
    static constexpr std::size_t kMaxWarnings = 8;

    Session(LiveStream& stream, const media::PublishRequest& publishRequest, std::shared_ptr<media::Publisher> owner)
        : m_stream(&stream), m_streamId(stream.m_id.text()), request(publishRequest), publisher(owner) {
        request.key = sha256Hex(asBytes(request.key));  // as policies know it
    }
    void detach() { m_stream = nullptr; }

    void onTrack(media::Track track) override {
        if (m_stream) m_stream->sessionTrack(std::move(track));
    }
    void onMetadata(const media::PublishMetadata& metadata) override {
        if (m_stream) m_stream->sessionMetadata(metadata);
    }
    void onPacket(media::Packet packet) override {
        if (m_stream) m_stream->sessionPacket(std::move(packet));
    }
    void onEnd(EndReason reason, std::string_view why) override {
        if (m_stream) m_stream->sessionEnded(reason, why);
    }
    std::string_view streamId() const override { return m_streamId; }

    void warn(const std::string& message) {
        if (std::ranges::find(warnings, message) != warnings.end()) return;
        if (warnings.size() == kMaxWarnings) warnings.erase(warnings.begin());
        warnings.push_back(message);
    }

private:
    LiveStream* m_stream;
    std::string m_streamId;

public:
    media::PublishRequest request;
    std::weak_ptr<media::Publisher> publisher;
    std::optional<Probe> probe;          // while the plan of the broadcast is not frozen
    std::optional<BootTime> holdsUntil;  // while viewers are held for it
    InputMonitor monitor;
    UnixTime since{};
    InputStats description;  // what the tracks tell; figures are added when asked for
    std::vector<std::string> warnings;
};

LiveStream::LiveStream(StreamId id, StreamPolicy policy, StreamTimes times, const Clock& clock, Studio& studio,
                       log::Logger logger)
    : m_id(std::move(id)),
      m_policy(std::move(policy)),
      m_times(times),
      m_clock(clock),
      m_studio(studio),
      m_logger(std::move(logger)),
      m_heldUntil(clock.boot() + std::min(m_policy.heldUntil - clock.unix(), kLongestStop)),
      m_lastTick(clock.boot()) {}

LiveStream::~LiveStream() {
    if (m_session) m_session->detach();
}

media::PublishPoint::Answer LiveStream::publish(const media::PublishRequest& request,
                                                std::shared_ptr<media::Publisher> publisher) {
    if (auto refusal = refusalFor(request)) {
        refusal->streamId = m_id.text();
        return std::unexpected(std::move(*refusal));
    }
    if (m_session) detach({RefusalReason::TakenOver, "another encoder has taken this stream over with the same key"});
    attach(request, std::move(publisher));
    return m_session;
}

std::optional<Refusal> LiveStream::refusalFor(const media::PublishRequest& request) {
    const BootTime now = m_clock.boot();
    if (!m_policy.enabled)
        return Refusal{RefusalReason::StreamDisabled,
                       "stream key is valid but stream '" + m_id.text() + "' is disabled; enable it to publish"};
    if (now < m_heldUntil) {
        const auto seconds = std::chrono::ceil<Seconds>(m_heldUntil - now).count();
        return Refusal{RefusalReason::Held, "an operator stopped stream '" + m_id.text() + "'; try again in " +
                                                std::to_string(seconds) + " s"};
    }
    if (!m_session) return std::nullopt;
    const TakeoverRule::Encoder current{addressOf(m_session->request.peer), m_session->request.encoder};
    const TakeoverRule::Encoder newcomer{addressOf(request.peer), request.encoder};
    if (m_takeover.mayTakeOver(current, m_session->monitor.lastMedia(), newcomer, now)) return std::nullopt;
    m_session->warn("two encoders share a key: " + current.address + " and " + newcomer.address);
    if (const auto count = m_sharedKeyReports.count(now))
        m_logger.warning("stream.key_shared",
                         {{"current", current.address}, {"refused", newcomer.address}, {"count", *count}});
    return Refusal{RefusalReason::KeyShared,
                   "two encoders share this stream key and keep replacing each other; give each a stream of its own"};
}

void LiveStream::attach(const media::PublishRequest& request, std::shared_ptr<media::Publisher> publisher) {
    m_session = std::make_shared<Session>(*this, request, std::move(publisher));
    m_session->since = m_clock.unix();
    m_logger.info("stream.publish",
                  {{"protocol", request.protocol}, {"peer", request.peer}, {"encoder", request.encoder}});
    const bool joins = m_onAir && !m_isEnding;
    if (joins) return;
    m_session->probe.emplace();
    m_session->holdsUntil = m_clock.boot() + kLongestHold;
    m_studio.expect(m_id);
}

void LiveStream::detach(Refusal refusal) {
    m_session->detach();
    m_logger.info("stream.unpublish", {{"reason", refusal.message}});
    const bool wasProbing = m_session->probe.has_value();
    if (auto publisher = m_session->publisher.lock()) publisher->close(std::move(refusal));
    m_session.reset();
    if (wasProbing) m_studio.abandon(m_id);
    if (m_onAir && !m_isEnding && !wasProbing) m_onAir->inputLost();
}

void LiveStream::sessionTrack(media::Track track) {
    if (const auto described = describeTrack(track, m_session->description); !described)
        return inputUnsupported(described.error().message);
    if (m_session->probe)
        m_session->probe->track(std::move(track));
    else
        m_onAir->inputTrack(std::move(track));
}

void LiveStream::sessionMetadata(const media::PublishMetadata& metadata) {
    if (m_session->probe) m_session->probe->metadata(metadata);
}

void LiveStream::sessionPacket(media::Packet packet) {
    const BootTime now = m_clock.boot();
    m_session->monitor.packet(packet, now);
    if (m_session->probe) {
        m_session->probe->packet(std::move(packet), now);
        if (m_session->probe->isDone(now)) goLive();
        return;
    }
    if (m_state == StreamState::Interrupted) {
        m_endAt.reset();
        setState(StreamState::Live, "input is back");
    }
    m_onAir->inputPacket(std::move(packet), now);
}

void LiveStream::goLive() {
    if (m_onAir) {  // the broadcast before is still closing
        m_onAir->endNow();
        m_onAir.reset();
        m_session->holdsUntil.reset();
    }
    if (!m_session->holdsUntil) m_studio.expect(m_id);
    auto started = m_studio.start(m_id, m_policy.settings, m_session->probe->result(), *this);
    if (!started) {
        m_logger.error("stream.start_failed", {{"error", started.error().describe()}});
        return detach({RefusalReason::Overloaded, "the server could not start this stream; try again in a minute"});
    }
    m_onAir = std::move(*started);
    m_isEnding = m_hasEnded = false;
    m_endAt.reset();
    m_broadcastId = m_onAir->plan().broadcast.text();
    m_startedAt = m_clock.boot();
    Probe probe = std::move(*m_session->probe);
    m_session->probe.reset();
    for (Probe::Item& item : probe.takeItems()) {
        if (auto* track = std::get_if<media::Track>(&item))
            m_onAir->inputTrack(std::move(*track));
        else if (auto* timed = std::get_if<Probe::TimedPacket>(&item))
            m_onAir->inputPacket(std::move(timed->packet), timed->arrival);
    }
    setState(StreamState::Live, "first media");
}

void LiveStream::holdNoLonger() {
    if (!m_session->holdsUntil || m_clock.boot() < *m_session->holdsUntil) return;
    m_session->holdsUntil.reset();
    m_session->warn("no media has come since the publish: the broadcast begins with the first of it");
    m_studio.abandon(m_id);
}

void LiveStream::sessionEnded(EndReason reason, std::string_view why) {
    const bool wasProbing = m_session->probe.has_value();
    m_session->detach();
    m_session.reset();
    const bool isClean = reason == EndReason::Unpublished;
    if (why.empty()) why = isClean ? "the encoder unpublished" : "the encoder's connection was lost";
    m_logger.info("stream.unpublish", {{"reason", why}});
    if (wasProbing) return m_studio.abandon(m_id);
    if (!m_onAir || m_isEnding) return;
    m_onAir->inputLost();
    endAfter(isClean ? m_times.endGrace : m_times.reconnectWindow);
    setState(StreamState::Interrupted, why);
}

// Publishers that come and go without a packet do not prolong it.
void LiveStream::endAfter(Nanoseconds window) {
    if (!m_endAt) m_endAt = m_clock.boot() + window;
}

void LiveStream::setPolicy(StreamPolicy policy) {
    const bool isDisabledNow = m_policy.enabled && !policy.enabled;
    m_policy = std::move(policy);
    if (!isDisabledNow) return;
    endWithPublisher({RefusalReason::StreamDisabled, "stream '" + m_id.text() + "' was disabled by an operator"},
                     "disabled");
}

void LiveStream::setKeys(const std::unordered_map<std::string, KeyPolicy>& keys) {
    if (!m_session || keys.contains(m_session->request.key)) return;
    detach({RefusalReason::UnknownKey, "this stream key was revoked; publish with another key of the stream"});
    waitForInput("the encoder's key was revoked");
}

Result<void> LiveStream::stop(Seconds hold) {
    const BootTime now = m_clock.boot();
    if (!m_session && !m_onAir && m_state != StreamState::Ended && now >= m_heldUntil)
        return fail(ErrorCode::Conflict, "stream '" + m_id.text() + "' has no broadcast to stop");
    m_heldUntil = now + hold;
    endWithPublisher({RefusalReason::Stopped, "an operator ended the broadcast"}, "stopped by an operator");
    return {};
}

void LiveStream::remove() {
    if (m_session) detach({RefusalReason::UnknownKey, "stream '" + m_id.text() + "' was deleted"});
    if (m_onAir && !m_hasEnded) m_onAir->endNow();
    m_onAir.reset();
    m_studio.forget(m_id);
}

void LiveStream::resume(const BroadcastId& broadcast, const Resume& make) {
    auto onAir = make(*this);
    if (!onAir && onAir.error().code != ErrorCode::Timeout) return;
    m_broadcastId = broadcast.text();
    if (!onAir) return setState(StreamState::Ended, onAir.error().message);
    m_onAir = std::move(*onAir);
    m_startedAt = m_clock.boot();
    m_endAt = m_clock.boot() + m_times.reconnectWindow;
    setState(StreamState::Interrupted, "the server restarted");
}

void LiveStream::endBroadcast(std::string_view reason) {
    if (!m_onAir || m_isEnding) return;
    m_isEnding = true;
    m_endAt.reset();
    setState(StreamState::Ended, reason);
    m_onAir->end();
}

void LiveStream::endWithPublisher(Refusal refusal, std::string_view reason) {
    if (m_session) detach(std::move(refusal));
    endBroadcast(reason);
}

void LiveStream::stoodStill(Nanoseconds length) {
    if (m_endAt) m_endAt = m_clock.boot() + m_times.reconnectWindow;
    if (length <= OnAir::kLongestAbsence || !m_onAir) return;
    endWithPublisher({RefusalReason::Stopped, "the broadcast ended while the server stood still"},
                     "the server stood still for more than 10 minutes");
}

void LiveStream::tick() {
    const BootTime now = m_clock.boot();
    const Nanoseconds since = now - std::exchange(m_lastTick, now);
    if (since > kStandstill) stoodStill(since);
    if (m_session && m_session->probe && m_session->probe->isDone(now)) goLive();
    if (m_session && m_session->probe) holdNoLonger();
    // A publisher who is there already may send its first packet yet; one that never does is found dead and goes.
    if (m_endAt && now >= *m_endAt && !m_session) endBroadcast("no input came back in time");
    if (const auto count = m_sharedKeyReports.due(now)) m_logger.warning("stream.key_shared", {{"count", *count}});
    if (m_onAir) m_onAir->tick();
    if (m_hasEnded) {
        m_onAir.reset();
        m_hasEnded = m_isEnding = false;
    }
}

void LiveStream::setState(StreamState state, std::string_view reason) {
    if (state == m_state) return;
    m_logger.info("stream.state", {{"from", toString(m_state)}, {"to", toString(state)}, {"reason", reason}});
    m_state = state;
}

void LiveStream::inputUnsupported(const std::string& message) {
    if (!m_session) return;
    detach({RefusalReason::UnsupportedMedia, message});
    waitForInput("the input is not supported");
}

void LiveStream::waitForInput(std::string_view reason) {
    if (!m_onAir || m_isEnding) return;
    endAfter(m_times.reconnectWindow);
    setState(StreamState::Interrupted, reason);
}

void LiveStream::inputWarning(const std::string& message) {
    if (m_session) m_session->warn(message);
}

void LiveStream::ended() { m_hasEnded = true; }

InputStats LiveStream::inputStats() const {
    const BootTime now = m_clock.boot();
    InputStats stats = m_session->description;
    stats.protocol = m_session->request.protocol;
    stats.peer = m_session->request.peer;
    stats.encoder = m_session->request.encoder;
    stats.isConnected = true;
    stats.since = m_session->since;
    stats.frameRate = m_session->monitor.frameRate(now);
    stats.bitrate = m_session->monitor.bitrate(now);
    stats.gopSeconds = m_session->monitor.gopSeconds();
    stats.driftPpm = m_session->monitor.driftPpm();
    stats.bytesReceived = m_session->monitor.bytes();
    stats.warnings = m_session->warnings;
    return stats;
}

StreamStats LiveStream::stats() const {
    StreamStats stats;
    stats.state = m_state;
    stats.broadcastId = m_broadcastId;
    if (m_session) stats.inputs.push_back(inputStats());
    if (m_state == StreamState::Live) stats.activeInput = "primary";
    if (!m_onAir) {
        m_studio.describe(m_id, stats);
        return stats;
    }
    stats.uptimeSeconds = std::chrono::duration<double>(m_clock.boot() - m_startedAt).count();
    m_onAir->describe(stats);
    return stats;
}

}  // namespace live::stream
