// What to leave out when encoding cannot keep up. Pure: asked once a slot, before the slot's frames are handed out.
//
// A rung more than one slot behind the lowest one steps down: first to every other frame, then off. When the lowest
// rung is more than a slot behind the output clock, the highest rung that is still on steps down. After a step a rung
// has two slots to recover, except when it is three slots behind. Rungs come back only at a segment's start, one at a
// time: after 4 s with every other frame, after 10 s (doubled up to 80 s for one that had to go again within a minute)
// off. The lowest rung never steps down; audio is not asked about.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "common/base/time.h"

namespace live::transcode::worker {

enum class ShedLevel : std::uint8_t { Full, HalfRate, Off };

class SheddingPolicy {
public:
    // `rungs` video rungs, highest first, as in the plan.
    explicit SheddingPolicy(std::size_t rungs) : m_rungs(rungs) {}

    struct Observation {
        OutputTime now{};
        std::int64_t frame = 0;  // due now, whether it has been handed out or not
        std::int64_t slotFrames = 0;
        bool isSegmentStart = false;
        std::span<const std::int64_t> encoded;  // of each rung: the first frame not encoded yet
    };
    struct Change {
        std::size_t rung = 0;
        ShedLevel level = ShedLevel::Full;
    };
    std::vector<Change> decide(const Observation& observation);

    // The rung's queue is full: it goes off now, whatever the rules above say. Not for the lowest.
    Change turnOff(std::size_t rung, OutputTime now);

    ShedLevel level(std::size_t rung) const { return m_rungs[rung].level; }

private:
    struct Rung {
        ShedLevel level = ShedLevel::Full;
        OutputTime changed{};
        OutputTime restored{};
        bool hasBeenRestored = false;
        Nanoseconds patience = Seconds(10);
    };

    Change stepDown(std::size_t rung, OutputTime now);
    bool mayStepDown(std::size_t rung, const Observation& observation, std::int64_t behind) const;
    void restoreOne(const Observation& observation, std::vector<Change>& changes);

    std::vector<Rung> m_rungs;
};

}  // namespace live::transcode::worker
