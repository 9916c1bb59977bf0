#include "server/transcode/worker/shedding.h"

#include <algorithm>

#include "common/base/error.h"

namespace live::transcode::worker {

namespace {
constexpr Nanoseconds kCalm = Seconds(4);
constexpr Nanoseconds kPatience = Seconds(10);
constexpr Nanoseconds kMaxPatience = Seconds(80);
constexpr Nanoseconds kSoonAgain = Seconds(60);
constexpr std::int64_t kGraceSlots = 2;
constexpr std::int64_t kUrgentSlots = 3;
}  // namespace

SheddingPolicy::Change SheddingPolicy::turnOff(std::size_t rung, OutputTime now) {
    LIVE_ASSERT(rung + 1 < m_rungs.size());
    Rung& state = m_rungs[rung];
    const bool isSoonAgain = state.hasBeenRestored && now - state.restored < kSoonAgain;
    state.patience = isSoonAgain ? std::min(2 * state.patience, kMaxPatience) : kPatience;
    state.level = ShedLevel::Off;
    state.changed = now;
    return {rung, ShedLevel::Off};
}

SheddingPolicy::Change SheddingPolicy::stepDown(std::size_t rung, OutputTime now) {
    if (m_rungs[rung].level == ShedLevel::HalfRate) return turnOff(rung, now);
    m_rungs[rung].level = ShedLevel::HalfRate;
    m_rungs[rung].changed = now;
    return {rung, ShedLevel::HalfRate};
}

bool SheddingPolicy::mayStepDown(std::size_t rung, const Observation& observation, std::int64_t behind) const {
    if (m_rungs[rung].level == ShedLevel::Full) return true;
    const Nanoseconds slot = Nanoseconds(1'000'000'000 / 3);  // the longest slot there is
    return observation.now - m_rungs[rung].changed > kGraceSlots * slot ||
           behind > kUrgentSlots * observation.slotFrames;
}

std::vector<SheddingPolicy::Change> SheddingPolicy::decide(const Observation& observation) {
    std::vector<Change> changes;
    const std::size_t lowest = m_rungs.size() - 1;
    const std::int64_t reached = observation.encoded[lowest];
    for (std::size_t rung = 0; rung < lowest; ++rung) {
        const std::int64_t behind = reached - observation.encoded[rung];
        if (m_rungs[rung].level == ShedLevel::Off || behind <= observation.slotFrames) continue;
        if (mayStepDown(rung, observation, behind)) changes.push_back(stepDown(rung, observation.now));
    }
    const std::int64_t late = observation.frame - reached;
    if (changes.empty() && late > observation.slotFrames) {
        const auto top = std::ranges::find_if(m_rungs, [](const Rung& rung) { return rung.level != ShedLevel::Off; });
        const auto rung = static_cast<std::size_t>(top - m_rungs.begin());
        if (rung < lowest && mayStepDown(rung, observation, late)) changes.push_back(stepDown(rung, observation.now));
        return changes;
    }
    if (changes.empty() && observation.isSegmentStart) restoreOne(observation, changes);
    return changes;
}

// From below: the rungs that cost least come back first.
void SheddingPolicy::restoreOne(const Observation& observation, std::vector<Change>& changes) {
    for (std::size_t rung = m_rungs.size() - 1; rung-- > 0;) {
        Rung& state = m_rungs[rung];
        if (state.level == ShedLevel::Full) continue;
        const Nanoseconds wait = state.level == ShedLevel::Off ? state.patience : kCalm;
        if (observation.now - state.changed < wait) return;
        const bool isOff = state.level == ShedLevel::Off;
        if (!isOff && observation.frame - observation.encoded[rung] > observation.slotFrames / 2) return;
        state.level = ShedLevel::Full;
        state.changed = state.restored = observation.now;
        state.hasBeenRestored = true;
        changes.push_back({rung, ShedLevel::Full});
        return;
    }
}

}  // namespace live::transcode::worker
