// The grid: the one output time line that every rendition of a broadcast is cut on, on every node and after every
// restart.
//
// Frame n of a track starts n frames after the Unix epoch on the output clock. Segment k covers [k·D, (k+1)·D); it has
// slots 0..n-1 of equal length, always all of them; a frame belongs to the slot that holds its start; a part is one
// slot. The media sequence number of HLS is k. Nothing here has state: any number can be computed from (k, p) alone.
#pragma once

#include <compare>
#include <cstdint>
#include <string>

#include "common/base/error.h"
#include "common/base/time.h"
#include "common/model/stream.h"

namespace live::media {

using FrameRate = Rational;

// The rate a broadcast gets for an input of this rate: one of 23.976, 24, 25, 29.97, 30, 50, 59.94, 60. Slower inputs
// go to the smallest multiple in the list (15 → 30, 12.5 → 25), rates above 60 are halved until they fit, others go to
// the nearest. An input of 0 gets 30.
FrameRate outputRate(Rational input);

// A track's frames on the time line: frame n starts at n · frameTicks / timescale seconds after the epoch.
struct TrackGrid {
    std::uint32_t timescale = 0;   // ticks a second: also the mdhd timescale
    std::uint32_t frameTicks = 0;  // ticks a frame

    std::int64_t ticks(std::int64_t frame) const { return frame * frameTicks; }
    OutputTime start(std::int64_t frame) const;          // rounded to 1 ns
    std::int64_t frameAtOrAfter(OutputTime time) const;  // first frame whose start is not before `time`
    std::int64_t frameAtOrBefore(OutputTime time) const;
    friend bool operator==(const TrackGrid&, const TrackGrid&) = default;
};

// 1000·r and 1000 for a whole rate, else the numerator and 1001.
TrackGrid videoTrack(FrameRate rate);
// AAC-LC at 48 kHz: 48000 and 1024.
TrackGrid audioTrack();

struct SlotId {
    std::int64_t segment = 0;  // k
    std::int32_t part = 0;     // p
    friend auto operator<=>(const SlotId&, const SlotId&) = default;
};

class Grid {
public:
    Grid() : Grid(Seconds(2), LatencyProfile::Low, {30, 1}) {}
    // `segmentDuration` 1 to 10 s; `rate` one of the rates of outputRate().
    Grid(Seconds segmentDuration, LatencyProfile profile, FrameRate rate);

    Seconds segmentDuration() const { return m_segmentDuration; }
    std::int32_t slotsPerSegment() const { return m_slotsPerSegment; }
    FrameRate rate() const { return m_rate; }
    TrackGrid video() const { return videoTrack(m_rate); }
    TrackGrid audio() const { return audioTrack(); }

    // Slots counted from the epoch: slotIndex = k · slotsPerSegment + p.
    std::int64_t slotIndex(SlotId slot) const { return slot.segment * m_slotsPerSegment + slot.part; }
    SlotId slot(std::int64_t slotIndex) const;
    SlotId next(SlotId slot) const { return this->slot(slotIndex(slot) + 1); }
    SlotId slotAt(OutputTime time) const;
    OutputTime segmentStart(std::int64_t segment) const { return OutputTime(segment * Nanoseconds(m_segmentDuration)); }

    // The first frame of a track in a slot: the first one whose start is at or after the start of the slot.
    std::int64_t firstFrame(const TrackGrid& track, SlotId slot) const;
    std::int64_t firstFrame(const TrackGrid& track, std::int64_t slotIndex) const;
    SlotId slotOfFrame(const TrackGrid& track, std::int64_t frame) const;
    // T(k,p): start of the first frame of the slot. A part's DURATION is the difference of two of these; EXTINF is
    // their sum.
    OutputTime partStart(const TrackGrid& track, SlotId slot) const { return track.start(firstFrame(track, slot)); }
    Nanoseconds partDuration(const TrackGrid& track, SlotId slot) const;

    // The most frames of a track that start within one segment.
    std::int64_t mostFrames(const TrackGrid& track) const { return mostFrames(track, 1); }

    // EXT-X-PART-INF PART-TARGET in units of 10 µs: the longest possible part of video or audio, rounded up.
    std::int64_t partTarget10us() const;

    friend bool operator==(const Grid&, const Grid&) = default;

private:
    // In one of so many equal parts of a segment.
    std::int64_t mostFrames(const TrackGrid& track, std::int32_t parts) const;

    Seconds m_segmentDuration;
    FrameRate m_rate;
    std::int32_t m_slotsPerSegment;
};

}  // namespace live::media
