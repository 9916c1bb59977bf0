// Whether playout still catches up with frames that are past, or is too slow. Pure.
//
// Both look the same for a moment: frames are late. Catching up begins with the first frame, and again after a machine
// stood still; it ends with a frame that is on time, or when it has taken as long as it had to catch up with (2 s at
// least): what is late then is late because encoding cannot keep up. What it has left in the encoders' queues is no
// overload either.
#pragma once

#include <algorithm>
#include <optional>

#include "common/base/time.h"

namespace live::transcode::worker {

class CatchUp {
public:
    // Before each step. `late`: for how long the next frame has been due; negative when it is not due yet.
    void judge(Nanoseconds late, BootTime now) {
        const bool isFirst = !m_began;
        const bool stoodStill = !m_isOn && late > kStoodStill && now - m_began.value_or(now) > kApart;
        if (isFirst || stoodStill) {
            m_isOn = true;
            m_began = now;
            m_longest = std::max(kLeast, late);
            m_isWorkedOff = false;
        }
        if (m_isOn && (late < kOnTime || now - *m_began > m_longest)) {
            m_isOn = false;
            m_hasBeenLive = true;
        }
    }
    bool isOn() const { return m_isOn; }
    // Whether the encoders were seen level with what goes out, or had as long for that as catching up has.
    bool isWorkedOff(bool areLevel, BootTime now) {
        m_isWorkedOff |= !m_isOn && (areLevel || now - *m_began > m_longest);
        return m_isWorkedOff;
    }
    // The start is behind us and frames go out as their time comes.
    bool hasBeenLive() const { return m_hasBeenLive; }

private:
    // Later than this is a machine that stood still, not an encoder that is too slow: that is seen after one slot.
    static constexpr Nanoseconds kStoodStill = Seconds(1);
    static constexpr Nanoseconds kApart = Seconds(10);
    static constexpr Nanoseconds kOnTime = Milliseconds(50);
    static constexpr Nanoseconds kLeast = Seconds(2);

    bool m_isOn = true;
    bool m_hasBeenLive = false;
    bool m_isWorkedOff = false;
    std::optional<BootTime> m_began;
    Nanoseconds m_longest{};
};

}  // namespace live::transcode::worker
