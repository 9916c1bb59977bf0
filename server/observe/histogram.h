// Counts observations by size, for delays and holds.
#pragma once

#include <atomic>
#include <cstdint>
#include <span>
#include <vector>

namespace live::observe {

struct HistogramSnapshot {
    std::vector<double> bounds;         // upper bounds, ascending; +Inf is implied
    std::vector<std::uint64_t> counts;  // per bucket, not cumulative; one more than bounds
    double sum = 0;
};

// Any thread; an observation is two relaxed atomic additions.
class Histogram {
public:
    // `bounds`: upper bounds of the buckets, inclusive, ascending.
    explicit Histogram(std::span<const double> bounds);

    void observe(double value);
    // Each number is right by itself; one of an observation made meanwhile may be missing.
    HistogramSnapshot snapshot() const;

private:
    const std::vector<double> m_bounds;
    std::vector<std::atomic<std::uint64_t>> m_counts;
    std::atomic<double> m_sum{0};
};

}  // namespace live::observe
