// Keeps an event that can happen thousands of times a second from filling the log: counted always, reported once an
// interval.
//   if (const auto count = m_refused.count(now)) log.warning("rtmp.refused", {{"count", *count}});
#pragma once

#include <cstdint>
#include <optional>

#include "common/base/time.h"

namespace live::log {

// One owner thread. Times must not go back.
class RateLimit {
public:
    explicit RateLimit(Nanoseconds interval = Seconds(1)) : m_interval(interval) {}

    // Counts one. The first is reported at once; then, when an interval has passed since the last report, the answer is
    // how many came since that report, this one included. Nothing: say nothing now.
    std::optional<std::uint64_t> count(BootTime now);

    // From a timer: what was counted and not reported yet, when a report is due.
    std::optional<std::uint64_t> due(BootTime now);

private:
    std::optional<std::uint64_t> report(BootTime now);

    Nanoseconds m_interval;
    std::optional<BootTime> m_reported;
    std::uint64_t m_pending = 0;
};

}  // namespace live::log
