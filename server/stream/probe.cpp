#include "server/stream/probe.h"

#include <algorithm>

#include "server/media/aspect.h"
#include "server/media/h264.h"

namespace live::stream {

namespace {
constexpr std::size_t kFramesForRate = 5;

// Frame rates that encoders announce but no camera has are left to the timestamps.
bool isPlausible(double rate) { return rate >= 5 && rate <= 300; }
}  // namespace

void Probe::track(media::Track track) {
    if (track.kind == media::MediaKind::Audio) {
        m_hasAudio = true;
    } else if (const auto configuration = media::h264::parseConfiguration(track.configuration.view())) {
        if (const auto sps = media::h264::parseSps(configuration->sequenceParameterSets.front())) {
            m_hasVideo = true;
            const Rational aspect = media::plausibleAspect(sps->sampleAspectRatio);
            m_width = static_cast<std::uint32_t>(mulDivRound(sps->width, aspect.numerator, aspect.denominator));
            m_height = sps->height;
            if (sps->frameRate && isPlausible(sps->frameRate->value())) m_spsRate = *sps->frameRate;
        }
    }
    m_items.emplace_back(std::move(track));
}

void Probe::packet(media::Packet packet, BootTime arrival) {
    if (!m_firstPacket) m_firstPacket = arrival;
    m_bytes += packet.data.size();
    if (packet.kind == media::MediaKind::Video) {
        m_videoPts.push_back(mulDivRound(packet.pts, 1'000'000, packet.timescale));
        m_hasCaptions = m_hasCaptions || media::h264::containsCaptions(packet.data.view());
    }
    m_items.emplace_back(TimedPacket{std::move(packet), arrival});
}

bool Probe::isDone(BootTime now) const {
    if (!m_firstPacket) return false;
    if (now - *m_firstPacket >= kLimit || m_bytes >= kMaxBytes) return true;
    const bool knowsVideo = m_hasVideo && !m_videoPts.empty() && frameRate().numerator != 0;
    const bool knowsAudio = m_hasAudio || m_metadata.hasAudio == false;
    return knowsVideo && knowsAudio;
}

ProbedInput Probe::result() const {
    if (!m_hasVideo) return {};
    return {.frameRate = frameRate(), .width = m_width, .height = m_height, .hasCaptions = m_hasCaptions};
}

Rational Probe::frameRate() const {
    if (m_spsRate.numerator != 0) return m_spsRate;
    if (m_metadata.frameRate && isPlausible(*m_metadata.frameRate))
        return {static_cast<std::uint32_t>(*m_metadata.frameRate * 1000 + 0.5), 1000};
    return rateFromTimestamps();
}

Rational Probe::rateFromTimestamps() const {
    if (m_videoPts.size() < kFramesForRate) return {0, 1};
    const auto [first, last] = std::ranges::minmax(m_videoPts);
    if (last <= first) return {0, 1};
    const auto frames = static_cast<std::int64_t>(m_videoPts.size() - 1);
    const std::int64_t rate = mulDivRound(frames, 1'000'000, last - first);
    return isPlausible(static_cast<double>(rate)) ? Rational{static_cast<std::uint32_t>(rate), 1} : Rational{0, 1};
}

}  // namespace live::stream
