#include "server/observe/histogram.h"

#include <algorithm>

#include "common/base/error.h"

namespace live::observe {

Histogram::Histogram(std::span<const double> bounds)
    : m_bounds(bounds.begin(), bounds.end()), m_counts(bounds.size() + 1) {
    LIVE_ASSERT(std::ranges::is_sorted(m_bounds, std::less_equal()) || m_bounds.size() < 2);
}

void Histogram::observe(double value) {
    const auto bucket = std::ranges::lower_bound(m_bounds, value) - m_bounds.begin();
    m_counts[static_cast<std::size_t>(bucket)].fetch_add(1, std::memory_order_relaxed);
    m_sum.fetch_add(value, std::memory_order_relaxed);
}

HistogramSnapshot Histogram::snapshot() const {
    HistogramSnapshot snapshot{m_bounds, {}, m_sum.load(std::memory_order_relaxed)};
    for (const auto& count : m_counts) snapshot.counts.push_back(count.load(std::memory_order_relaxed));
    return snapshot;
}

}  // namespace live::observe
