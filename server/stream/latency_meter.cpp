#include "server/stream/latency_meter.h"

#include <algorithm>
#include <vector>

namespace live::stream {

void LatencyMeter::published(OutputTime content, Nanoseconds inputDelay, OutputTime visible) {
    m_samples.push_back({visible, visible - content + inputDelay});
    while (visible - m_samples.front().at > kWindow) m_samples.pop_front();
}

std::optional<Nanoseconds> LatencyMeter::median(OutputTime now) const {
    std::vector<Nanoseconds> recent;
    for (const Sample& sample : m_samples)
        if (now - sample.at <= kWindow) recent.push_back(sample.latency);
    if (recent.empty()) return std::nullopt;
    const auto middle = recent.begin() + static_cast<std::ptrdiff_t>(recent.size() / 2);
    std::ranges::nth_element(recent, middle);
    return *middle;
}

}  // namespace live::stream
