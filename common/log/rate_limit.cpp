#include "common/log/rate_limit.h"

#include <utility>

namespace live::log {

std::optional<std::uint64_t> RateLimit::count(BootTime now) {
    ++m_pending;
    return report(now);
}

std::optional<std::uint64_t> RateLimit::due(BootTime now) {
    if (m_pending == 0) return std::nullopt;
    return report(now);
}

std::optional<std::uint64_t> RateLimit::report(BootTime now) {
    if (m_reported && now < *m_reported + m_interval) return std::nullopt;
    m_reported = now;
    return std::exchange(m_pending, 0);
}

}  // namespace live::log
