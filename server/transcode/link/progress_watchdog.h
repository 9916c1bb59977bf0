// Tells a worker that hangs from one that works. Pure: time comes in, an answer goes out.
//
// A worker hangs when input was delivered and
//   nothing was produced for 500 ms (3 s before its first output, counted from when that is due), or
//   no slot was finished for 5 s: one encoder stands still while the others go on, and viewers wait for it,
// or when nothing at all was heard from it for 3 s. All are extended by however late the watchdog itself was woken, so
// that a machine that stood still does not take its workers for dead.
#pragma once

#include <algorithm>
#include <optional>

#include "common/base/time.h"

namespace live::transcode {

class ProgressWatchdog {
public:
    struct Limits {
        Nanoseconds progress = Milliseconds(500);
        Nanoseconds slot = Seconds(5);  // a machine with too much to do is slow until a rung is shed
        Nanoseconds start = Seconds(3);
        Nanoseconds silence = Seconds(3);
        Nanoseconds period = Milliseconds(100);  // check() is meant to be called this often
    };

    enum class Verdict : std::uint8_t { Alive, NoProgress, NoSlot, Silent };

    // `due`: when the first output can be there at the earliest; it may be past.
    ProgressWatchdog(BootTime now, BootTime due, Limits limits)
        : m_limits(limits),
          m_startDeadline(std::max(now, due) + limits.start),
          m_silence(now + limits.silence),
          m_nextCheck(now + limits.period) {}

    // Input was handed to the worker.
    void delivered(BootTime now) {
        const BootTime earliest = m_hasProduced ? now : std::max(now, m_startDeadline - m_limits.progress);
        if (!m_progress) m_progress = earliest + m_limits.progress;
        if (!m_slot) m_slot = earliest + m_limits.slot;
    }
    // Any record came from the worker.
    void heard(BootTime now) { m_silence = now + m_limits.silence; }
    // A packet of any rendition came.
    void produced(BootTime now) {
        heard(now);
        m_hasProduced = true;
        m_progress.reset();
    }
    // Every rendition that is not shed has one more slot.
    void finishedSlot() { m_slot.reset(); }

    Verdict check(BootTime now) {
        const Nanoseconds late = std::max(Nanoseconds{}, now - m_nextCheck);
        m_nextCheck = now + m_limits.period;
        m_startDeadline += late;
        m_silence += late;
        for (std::optional<BootTime>* deadline : {&m_progress, &m_slot})
            if (*deadline) **deadline += late;
        if (m_progress && now >= *m_progress) return Verdict::NoProgress;
        if (m_slot && now >= *m_slot) return Verdict::NoSlot;
        return now >= m_silence ? Verdict::Silent : Verdict::Alive;
    }

private:
    Limits m_limits;
    BootTime m_startDeadline;
    BootTime m_silence;
    BootTime m_nextCheck;
    std::optional<BootTime> m_progress;  // by when it must have produced something
    std::optional<BootTime> m_slot;      // by when it must have finished a slot
    bool m_hasProduced = false;
};

}  // namespace live::transcode
