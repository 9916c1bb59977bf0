#include "server/package/rate_meter.h"

namespace live::package {

void RateMeter::addSegment(std::size_t bytes, Nanoseconds duration) {
    m_entries.push_back({bytes, duration});
    m_bytes += bytes;
    m_duration += duration;
    while (m_duration - m_entries.front().duration >= kSpan) {
        m_bytes -= m_entries.front().bytes;
        m_duration -= m_entries.front().duration;
        m_entries.pop_front();
    }
}

BitsPerSecond RateMeter::measured() const {
    if (m_duration == Nanoseconds{}) return 0;
    return mulDivRound(static_cast<std::int64_t>(m_bytes) * 8, Nanoseconds(Seconds(1)).count(), m_duration.count());
}

}  // namespace live::package
