#include "server/stream/probe.h"

#include <algorithm>

#include "server/media/aspect.h"
#include "server/media/h264.h"

namespace live::stream {

namespace {
constexpr std::size_t kFramesForRate = 5;  // to end the probe before its time
constexpr std::size_t kFramesAtLeast = 3;
constexpr std::size_t kFramesAtMost = 16;
constexpr std::int64_t kSecond = 1'000'000;  // time stamps are compared in microseconds
constexpr std::int64_t kRounding = 1000;     // of a span between two of them, as RTMP has them

// Frame rates that encoders announce but no camera has are left to the timestamps.
bool isPlausible(double rate) { return rate >= 5 && rate <= 300; }

// The whole rate at which so many frames last `span`, or 12.5; 0 for one that no camera has.
Rational snapped(std::int64_t frames, std::int64_t span) {
    for (const Rational known : {Rational{60, 1}, {50, 1}, {30, 1}, {25, 1}, {24, 1}, {15, 1}, {25, 2}}) {
        const std::int64_t expected = mulDivRound(frames * known.denominator, kSecond, known.numerator);
        if (std::abs(span - expected) <= kRounding) return known;
    }
    const std::int64_t rate = mulDivRound(frames, kSecond, span);
    return isPlausible(static_cast<double>(rate)) ? Rational{static_cast<std::uint32_t>(rate), 1} : Rational{0, 1};
}
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
        if (m_videoPts.size() < kFramesAtMost) m_videoPts.push_back(mulDivRound(packet.pts, kSecond, packet.timescale));
        m_hasCaptions = m_hasCaptions || media::h264::containsCaptions(packet.data.view());
    }
    m_items.emplace_back(TimedPacket{std::move(packet), arrival});
}

bool Probe::isDone(BootTime now) const {
    if (!m_firstPacket) return false;
    if (now - *m_firstPacket >= kLimit || m_bytes >= kMaxBytes) return true;
    const std::size_t needed = announcedRate() ? 1 : kFramesForRate;
    const bool knowsVideo = m_hasVideo && m_videoPts.size() >= needed && frameRate().numerator != 0;
    const bool knowsAudio = m_hasAudio || m_metadata.hasAudio == false;
    return knowsVideo && knowsAudio;
}

ProbedInput Probe::result() const {
    if (!m_hasVideo) return {};
    return {.frameRate = frameRate(), .width = m_width, .height = m_height, .hasCaptions = m_hasCaptions};
}

std::optional<Rational> Probe::announcedRate() const {
    if (m_spsRate.numerator != 0) return m_spsRate;
    if (m_metadata.frameRate && isPlausible(*m_metadata.frameRate))
        return Rational{static_cast<std::uint32_t>(*m_metadata.frameRate * 1000 + 0.5), 1000};
    return std::nullopt;
}

Rational Probe::frameRate() const { return announcedRate().value_or(rateFromTimestamps()); }

// Times of presentation in order, whatever order the pictures came in. Reordering and loss leave holes, so the smaller
// of the middle distances is that of two frames; rounding to milliseconds smears it by up to 6 %, so the rate is
// measured over the whole span, and rates that cameras have come before those that fit no better.
Rational Probe::rateFromTimestamps() const {
    std::vector<std::int64_t> times = m_videoPts;
    std::ranges::sort(times);
    const auto [first, end] = std::ranges::unique(times);
    times.erase(first, end);
    if (times.size() < kFramesAtLeast) return {0, 1};
    std::vector<std::int64_t> steps;
    for (std::size_t i = 1; i < times.size(); ++i) steps.push_back(times[i] - times[i - 1]);
    std::ranges::sort(steps);
    const std::int64_t frame = steps[(steps.size() - 1) / 2];
    std::int64_t frames = 0;
    for (std::int64_t step : steps) frames += (step + frame / 2) / frame;
    return snapped(frames, times.back() - times.front());
}

}  // namespace live::stream
