// Whether playout still catches up with frames that are past, or is too slow. Pure.
//
// Both look the same for a moment: frames are late. Catching up begins with the first frame, and again when a machine
// stood still: when the next frame is suddenly more than a second later than the one before, more than 10 s after
// catching up ended. It ends with a frame that is on time. It also ends when it has taken as long as it had to catch up
// with (2 s at least) and made up for less than a tenth of that: what is late then is late because encoding cannot keep
// up. As long as it gains more it goes on, with what is left. What it has left in the encoders' queues is no overload
// either.
#pragma once

#include <algorithm>
#include <optional>
#include <utility>

#include "common/base/time.h"

namespace live::transcode::worker {

class CatchUp {
public:
    // Before each step. `late`: for how long the next frame has been due; negative when it is not due yet.
    void judge(Nanoseconds late, BootTime now) {
        const Nanoseconds before = std::exchange(m_late, late);
        const bool stoodStill =
            !m_isOn && late - std::max(before, Nanoseconds(0)) > kStoodStill && now - m_ended > kApart;
        if (!m_began || stoodStill) {
            m_isWorkedOff = false;
            begin(now);
        }
        if (!m_isOn) return;
        const bool isOver = now - *m_began > m_longest;
        if (late < kOnTime || (isOver && m_lateAtFirst - late < m_longest / 10)) {
            m_isOn = false;
            m_ended = now;
            m_hasBeenLive = true;
        } else if (isOver) {
            begin(now);
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
    void begin(BootTime now) {
        m_isOn = true;
        m_began = now;
        m_lateAtFirst = m_late;
        m_longest = std::max(kLeast, m_late);
    }

    // An encoder that is too slow makes frames late little by little, and is seen after one slot.
    static constexpr Nanoseconds kStoodStill = Seconds(1);
    static constexpr Nanoseconds kApart = Seconds(10);
    static constexpr Nanoseconds kOnTime = Milliseconds(50);
    static constexpr Nanoseconds kLeast = Seconds(2);

    bool m_isOn = true;
    bool m_hasBeenLive = false;
    bool m_isWorkedOff = false;
    std::optional<BootTime> m_began;
    BootTime m_ended{};
    Nanoseconds m_late{};  // as judged last
    Nanoseconds m_lateAtFirst{};
    Nanoseconds m_longest{};
};

}  // namespace live::transcode::worker
