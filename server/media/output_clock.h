// The output clock of a broadcast: CLOCK_BOOTTIME plus an offset, slewed towards a reference and never stepped.
#pragma once

#include "common/base/time.h"

namespace live::media {

// A linear piece: output = outputAnchor + (boot - bootAnchor) · (1 + slewPpb / 1e9). Sent to workers as it is.
struct ClockMapping {
    BootTime boot{};
    OutputTime output{};
    std::int32_t slewPpb = 0;

    OutputTime at(BootTime time) const;
    BootTime when(OutputTime time) const;  // the inverse, to within 1 ns
};

// One owner thread. Time never runs backwards: the slew is at most 500 ppm.
class OutputClock {
public:
    static constexpr std::int32_t kMaxSlewPpb = 500'000;
    static constexpr Nanoseconds kStep = Seconds(1);

    enum class Discipline : std::uint8_t {
        Following,  // the reference is within 1 s and is being approached
        Stepped,    // the reference is 1 s or more away: the time line is left alone; raise an alarm
    };

    OutputClock(BootTime now, OutputTime output) : m_mapping{now, output, 0} {}

    OutputTime at(BootTime time) const { return m_mapping.at(time); }
    BootTime when(OutputTime time) const { return m_mapping.when(time); }
    const ClockMapping& mapping() const { return m_mapping; }
    // What boot time and output time differ by at `time`: the offset that is stored for a restart.
    Nanoseconds offset(BootTime time) const { return at(time).time_since_epoch() - time.time_since_epoch(); }

    // Call every 100 ms to 1 s with what the reference (the system clock; in a worker, the server's clock) shows at
    // `now`.
    Discipline discipline(BootTime now, OutputTime reference);

private:
    ClockMapping m_mapping;
};

}  // namespace live::media
