#include "server/media/grid.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace live::media {

namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

constexpr std::array<FrameRate, 8> kRates{
    {{24000, 1001}, {24, 1}, {25, 1}, {30000, 1001}, {30, 1}, {50, 1}, {60000, 1001}, {60, 1}}};

// Parts a second. Ultra takes the shortest part whose frame count varies by at most 15 % (the 85 % rule of rfc8216bis).
std::int32_t slotsPerSecond(LatencyProfile profile, FrameRate rate) {
    if (profile == LatencyProfile::Low || rate == FrameRate{24000, 1001}) return 3;
    return rate == FrameRate{24, 1} || rate == FrameRate{30000, 1001} ? 4 : 5;
}

FrameRate nearest(double rate) {
    return *std::ranges::min_element(kRates, {}, [rate](FrameRate known) { return std::abs(known.value() - rate); });
}

}  // namespace

FrameRate outputRate(Rational input) {
    double rate = input.denominator == 0 ? 0 : input.value();
    if (!(rate > 0.1)) return {30, 1};
    while (rate > 61) rate /= 2;
    // Timestamps in milliseconds smear a rate by up to 1 %, less than the distance of 24 and 25.
    for (int multiple = 1; rate < 23 && rate * multiple < 61; ++multiple) {
        const FrameRate known = nearest(rate * multiple);
        if (std::abs(known.value() - rate * multiple) < 0.01 * rate * multiple) return known;
    }
    return nearest(rate);
}

OutputTime TrackGrid::start(std::int64_t frame) const {
    return OutputTime(Nanoseconds(mulDivRound(ticks(frame), kSecond, timescale)));
}

std::int64_t TrackGrid::frameAtOrAfter(OutputTime time) const {
    const std::int64_t frame = mulDivCeil(time.time_since_epoch().count(), timescale, kSecond * frameTicks);
    return start(frame - 1) >= time ? frame - 1 : frame;  // start() is rounded: a boundary may round down onto `time`
}

std::int64_t TrackGrid::frameAtOrBefore(OutputTime time) const {
    const std::int64_t frame = frameAtOrAfter(time);
    return start(frame) == time ? frame : frame - 1;
}

TrackGrid videoTrack(FrameRate rate) {
    if (rate.denominator == 1) return {rate.numerator * 1000, 1000};
    return {rate.numerator, rate.denominator};
}

TrackGrid audioTrack() { return {48000, 1024}; }

Grid::Grid(Seconds segmentDuration, LatencyProfile profile, FrameRate rate)
    : m_segmentDuration(segmentDuration),
      m_rate(rate),
      m_slotsPerSegment(slotsPerSecond(profile, rate) * static_cast<std::int32_t>(segmentDuration.count())) {
    LIVE_ASSERT(segmentDuration >= Seconds(1) && segmentDuration <= Seconds(10));
    LIVE_ASSERT(std::ranges::find(kRates, rate) != kRates.end());
}

SlotId Grid::slot(std::int64_t slotIndex) const {
    const std::int64_t segment = mulDivFloor(slotIndex, 1, m_slotsPerSegment);
    return {segment, static_cast<std::int32_t>(slotIndex - segment * m_slotsPerSegment)};
}

SlotId Grid::slotAt(OutputTime time) const {
    return slot(mulDivFloor(time.time_since_epoch().count(), m_slotsPerSegment, kSecond * m_segmentDuration.count()));
}

std::int64_t Grid::firstFrame(const TrackGrid& track, SlotId slot) const { return firstFrame(track, slotIndex(slot)); }

std::int64_t Grid::firstFrame(const TrackGrid& track, std::int64_t slotIndex) const {
    return mulDivCeil(slotIndex, m_segmentDuration.count() * track.timescale,
                      std::int64_t{m_slotsPerSegment} * track.frameTicks);
}

SlotId Grid::slotOfFrame(const TrackGrid& track, std::int64_t frame) const {
    return slot(mulDivFloor(frame, std::int64_t{m_slotsPerSegment} * track.frameTicks,
                            m_segmentDuration.count() * track.timescale));
}

Nanoseconds Grid::partDuration(const TrackGrid& track, SlotId slot) const {
    return partStart(track, next(slot)) - partStart(track, slot);
}

std::int64_t Grid::mostFrames(const TrackGrid& track, std::int32_t parts) const {
    return mulDivCeil(m_segmentDuration.count(), track.timescale, std::int64_t{parts} * track.frameTicks);
}

std::int64_t Grid::partTarget10us() const {
    std::int64_t longest = 0;
    for (const TrackGrid& track : {video(), audio()}) {
        const std::int64_t frames = mostFrames(track, m_slotsPerSegment);
        longest = std::max(longest, mulDivCeil(frames * track.frameTicks, 100'000, track.timescale));
    }
    return longest;
}

}  // namespace live::media
