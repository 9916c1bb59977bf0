#include "tests/support/fake_live_plane.h"

#include <thread>

namespace live::test {

namespace {

stream::StreamStats onAir() {
    stream::StreamStats stats;
    stats.state = StreamState::Live;
    stats.broadcastId = "0123456789abcdefghijklmnop";
    stats.uptimeSeconds = 12.5;
    stats.activeInput = "primary";
    stats.latencyMs = 412.5;
    stream::InputStats input;
    input.protocol = "rtmp";
    input.peer = "127.0.0.1:50000";
    input.encoder = "test";
    input.isConnected = true;
    input.since = UnixTime(Seconds(1'780'000'000));
    input.videoCodec = "avc1.64001f";
    input.audioCodec = "mp4a.40.2";
    input.width = 1280;
    input.height = 720;
    input.frameRate = 30;
    input.bitrate = 3'000'000;
    input.gopSeconds = 2;
    input.sampleRate = 48000;
    input.channels = 2;
    input.warnings = {"the GOP is 12 s long; 2 s is better"};
    stats.inputs = {input};
    stream::RenditionStats video;
    video.id = "v720";
    video.kind = "video";
    video.codec = "avc1.64001f";
    video.width = 1280;
    video.height = 720;
    video.frameRate = 30;
    video.bitrate = video.targetBitrate = 2'800'000;
    video.encodeSpeed = 2.5;
    stream::RenditionStats audio;
    audio.id = "a0";
    audio.kind = "audio";
    audio.codec = "mp4a.40.2";
    audio.channels = 2;
    audio.bitrate = audio.targetBitrate = 128'000;
    stats.renditions = {video, audio};
    stats.worker = stream::WorkerStats{.pid = 4711, .node = "local", .speed = 2.5};
    return stats;
}

}  // namespace

bool FakeLivePlane::publish(const StreamId& stream) {
    const std::lock_guard lock(m_mutex);
    const auto found = m_policy->streams.find(stream);
    if (found == m_policy->streams.end() || !found->second.enabled || m_clock.boot() < heldUntil(stream)) return false;
    m_stats[stream] = std::make_shared<stream::StreamStats>(onAir());
    return true;
}

BootTime FakeLivePlane::heldUntil(const StreamId& stream) const {
    const auto found = m_heldUntil.find(stream);
    if (found != m_heldUntil.end()) return found->second;
    return m_clock.boot() + (m_policy->streams.at(stream).heldUntil - m_clock.unix());
}

std::shared_ptr<const stream::Policy> FakeLivePlane::policy() const {
    const std::lock_guard lock(m_mutex);
    return m_policy;
}

std::vector<std::pair<StreamId, Seconds>> FakeLivePlane::stops() const {
    const std::lock_guard lock(m_mutex);
    return m_stops;
}

void FakeLivePlane::apply(std::shared_ptr<const stream::Policy> policy) {
    const std::lock_guard lock(m_mutex);
    LIVE_ASSERT(policy != nullptr);
    for (const auto& [digest, key] : policy->keys) LIVE_ASSERT(policy->streams.contains(key.stream));
    m_policy = std::move(policy);
    const auto isDeleted = [this](const auto& entry) { return !m_policy->streams.contains(entry.first); };
    std::erase_if(m_stats, isDeleted);
    std::erase_if(m_heldUntil, isDeleted);
    for (auto& [id, stats] : m_stats) {
        if (m_policy->streams.at(id).enabled) continue;
        auto ended = *stats;
        ended.state = StreamState::Ended;
        stats = std::make_shared<stream::StreamStats>(std::move(ended));
    }
}

std::shared_ptr<const stream::StreamStats> FakeLivePlane::stats(const StreamId& stream) const {
    const std::lock_guard lock(m_mutex);
    const auto found = m_stats.find(stream);
    return found == m_stats.end() ? std::make_shared<const stream::StreamStats>() : found->second;
}

void FakeLivePlane::stop(const StreamId& stream, Seconds hold, std::move_only_function<void(Result<void>)> done) {
    const std::lock_guard lock(m_mutex);
    m_stops.emplace_back(stream, hold);
    const auto found = m_stats.find(stream);
    Result<void> result;
    const bool isHeld = m_policy->streams.contains(stream) && m_clock.boot() < heldUntil(stream);
    if (found == m_stats.end() && !isHeld) {
        result = fail(ErrorCode::Conflict, "stream '" + stream.text() + "' has no broadcast to stop");
    } else {
        m_heldUntil[stream] = m_clock.boot() + hold;
    }
    if (found != m_stats.end()) {
        auto ended = *found->second;
        ended.state = StreamState::Ended;
        found->second = std::make_shared<stream::StreamStats>(std::move(ended));
    }
    std::thread([done = std::move(done), result]() mutable { done(result); }).join();
}

}  // namespace live::test
