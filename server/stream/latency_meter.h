// From the arrival of a packet to the part that shows it being visible, over the last ten seconds.
#pragma once

#include <deque>
#include <optional>

#include "common/base/time.h"

namespace live::stream {

class LatencyMeter {
public:
    static constexpr Nanoseconds kWindow = Seconds(10);

    // A slot whose first picture stands for `content` (the output time it is shown at) became visible at `visible`;
    // what arrives at output time t is shown at t + inputDelay.
    void published(OutputTime content, Nanoseconds inputDelay, OutputTime visible);
    std::optional<Nanoseconds> median(OutputTime now) const;

private:
    struct Sample {
        OutputTime at;
        Nanoseconds latency;
    };
    std::deque<Sample> m_samples;
};

}  // namespace live::stream
