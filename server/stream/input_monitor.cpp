#include "server/stream/input_monitor.h"

#include <algorithm>

namespace live::stream {

namespace {
constexpr Nanoseconds kDriftWindow = Seconds(10);
constexpr Nanoseconds kJump = Seconds(1);

Nanoseconds inNanoseconds(std::int64_t ticks, std::uint32_t timescale) {
    return Nanoseconds(mulDivRound(ticks, 1'000'000'000, timescale));
}

double inSeconds(Nanoseconds duration) { return std::chrono::duration<double>(duration).count(); }
}  // namespace

void InputMonitor::packet(const media::Packet& packet, BootTime arrival) {
    const bool isVideo = packet.kind == media::MediaKind::Video;
    m_samples.push_back({arrival, packet.data.size(), isVideo});
    m_windowBytes += packet.data.size();
    m_windowFrames += isVideo;
    if (isVideo) {
        m_hasVideo = true;
        m_lastVideo = arrival;
    }
    m_bytes += packet.data.size();
    m_lastMedia = arrival;
    while (arrival - m_samples.front().arrival > kWindow) {
        m_windowBytes -= m_samples.front().bytes;
        m_windowFrames -= m_samples.front().isVideo;
        m_samples.pop_front();
    }
    if (isVideo) measureGop(packet);
    measureDrift(packet, arrival);
}

void InputMonitor::measureGop(const media::Packet& packet) {
    if (!packet.isKey) return;
    if (m_hasKey) m_gopSeconds = std::max(0.0, static_cast<double>(packet.pts - m_lastKeyPts) / packet.timescale);
    m_hasKey = true;
    m_lastKeyPts = packet.pts;
}

void InputMonitor::measureDrift(const media::Packet& packet, BootTime arrival) {
    const Nanoseconds delay = arrival.time_since_epoch() - inNanoseconds(packet.dts, packet.timescale);
    const bool hasJumped = m_hasReference && (delay - m_referenceDelay > kJump || m_referenceDelay - delay > kJump);
    if (m_bestWindowEnd == BootTime{} || hasJumped) {
        m_hasReference = false;
        m_bestDelay = delay;
        m_bestWindowEnd = arrival + kDriftWindow;
        return;
    }
    m_bestDelay = std::min(m_bestDelay, delay);
    if (arrival < m_bestWindowEnd) return;
    if (!m_hasReference) {
        m_hasReference = true;
        m_referenceDelay = m_bestDelay;
        m_referenceTime = arrival;
    } else {
        // A sender whose clock runs fast stamps more time than passes: its delay shrinks.
        m_driftPpm = 1e6 * static_cast<double>((m_referenceDelay - m_bestDelay).count()) /
                     static_cast<double>((arrival - m_referenceTime).count());
    }
    m_bestDelay = delay;
    m_bestWindowEnd = arrival + kDriftWindow;
}

std::optional<double> InputMonitor::frameRate(BootTime now) const {
    if (!m_hasVideo) return std::nullopt;
    if (now - m_lastMedia > kWindow) return 0;
    const auto first = std::ranges::find(m_samples, true, &Sample::isVideo);
    if (first == m_samples.end()) return 0;
    if (now - first->arrival < Milliseconds(500)) return std::nullopt;
    const auto frames = static_cast<double>(m_windowFrames);
    const double asIfOneCameNow = frames / inSeconds(now - first->arrival);
    if (m_lastVideo == first->arrival) return asIfOneCameNow;
    // From frame to frame, until the next one is overdue.
    return std::min((frames - 1) / inSeconds(m_lastVideo - first->arrival), asIfOneCameNow);
}

BitsPerSecond InputMonitor::bitrate(BootTime now) const {
    if (m_samples.empty() || now - m_lastMedia > kWindow) return 0;
    const double seconds = inSeconds(now - m_samples.front().arrival);
    return seconds < 0.5 ? 0
                         : static_cast<BitsPerSecond>(static_cast<double>(m_windowBytes) * 8 / std::min(seconds, 5.0));
}

}  // namespace live::stream
