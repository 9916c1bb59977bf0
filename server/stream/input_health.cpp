#include "server/stream/input_health.h"

#include <algorithm>

namespace live::stream {

namespace {
constexpr std::size_t kVideo = static_cast<std::size_t>(media::MediaKind::Video);
constexpr std::size_t kAudio = static_cast<std::size_t>(media::MediaKind::Audio);
constexpr std::int64_t kSampleRate = 48'000;

std::string seconds(Nanoseconds time) {
    const std::int64_t tenths = mulDivRound(time.count(), 1, Milliseconds(100) / Nanoseconds(1));
    return std::to_string(tenths / 10) + '.' + std::to_string(tenths % 10);
}

}  // namespace

void InputHealth::packet(media::MediaKind kind) {
    if (std::exchange(m_isGone, false)) workerStarted();
    ++m_packets[static_cast<std::size_t>(kind)];
}

void InputHealth::publisherGone() {
    m_isGone = true;
    m_problems = {};
}

void InputHealth::workerStarted() {
    m_judgedFrom.reset();
    m_samples.clear();
}

std::vector<std::string> InputHealth::heartbeat(const transcode::Heartbeat& heartbeat, BootTime now) {
    if (m_isGone) return {};
    if (!m_judgedFrom) m_judgedFrom = now + kWindow;
    if (now < *m_judgedFrom) return {};
    m_samples.push_back({.at = now,
                         .packets = m_packets,
                         .decoded = heartbeat.decodedFrames,
                         .errors = heartbeat.decodeErrors,
                         .silent = heartbeat.silentSamples});
    // The newest that is a window old stays: it is what the last one is compared with.
    while (m_samples.size() >= 2 && now - m_samples[1].at >= kWindow) m_samples.pop_front();
    if (now - m_samples.front().at < kWindow) return {};
    std::vector<std::string> begun;
    const std::array<std::string, 2> found{pictureTrouble(), soundTrouble()};
    for (const std::size_t kind : {kVideo, kAudio}) {
        if (found[kind].empty()) continue;
        if (now >= m_problems[kind].until) begun.push_back(found[kind]);
        m_problems[kind] = {found[kind], now + kHold};
    }
    return begun;
}

std::string InputHealth::pictureTrouble() const {
    const Sample& from = m_samples.front();
    const Sample& to = m_samples.back();
    const std::uint64_t packets = to.packets[kVideo] - from.packets[kVideo];
    const std::string length = seconds(to.at - from.at);
    if (packets >= 2 && to.decoded == from.decoded)
        return "the picture cannot be decoded: none of the " + std::to_string(packets) + " packets of the last " +
               length + " s gave one";
    if (to.errors == from.errors) return {};
    return "picture or sound is damaged: " + std::to_string(to.errors - from.errors) + " errors in decoding the last " +
           length + " s";
}

std::string InputHealth::soundTrouble() const {
    // Sound that pauses is silent, too.
    const auto pauses = [](const Sample& before, const Sample& after) {
        return before.packets[kAudio] == after.packets[kAudio];
    };
    if (std::ranges::adjacent_find(m_samples, pauses) != m_samples.end()) return {};
    const Nanoseconds length = m_samples.back().at - m_samples.front().at;
    const auto samples = static_cast<std::int64_t>(m_samples.back().silent - m_samples.front().silent);
    const Nanoseconds silent(mulDivRound(samples, 1'000'000'000, kSampleRate));
    if (silent < length * 3 / 4) return {};
    const std::string last = " of the last " + seconds(length) + " s ";
    return "the sound comes too late or cannot be decoded: " +
           (silent >= length ? "all" + last + "is silent" : seconds(silent) + last + "are silent");
}

std::vector<std::string> InputHealth::warnings(BootTime now) const {
    std::vector<std::string> warnings;
    for (const Problem& problem : m_problems)
        if (now < problem.until) warnings.push_back(problem.message);
    return warnings;
}

}  // namespace live::stream
