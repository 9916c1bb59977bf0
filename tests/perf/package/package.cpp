// What publishing one slot costs the media thread, from its last frame to the snapshot, for each rendition: with the
// default window and with one of ten minutes. Medians of five runs; prints one JSON line.
#include <algorithm>
#include <chrono>
#include <cstdio>

#include "tests/perf/machine.h"
#include "tests/unit/package/broadcast.h"

namespace {
using namespace live;
using namespace live::test;

constexpr int kRuns = 5;
constexpr int kSlots = 200;

struct Cost {
    double p50 = 0, p99 = 0;  // microseconds a rendition
};

double costOfNextSlot(Broadcast& broadcast) {
    const std::size_t last = broadcast.plan.renditions.size() - 1;
    for (std::size_t i = 0; i < last; ++i) broadcast.pushSlot(i, broadcast.at).value();
    const auto frames = fakeSlot(broadcast.plan, last, broadcast.at);
    for (std::size_t i = 0; i + 1 < frames.size(); ++i)
        broadcast.packager->push(last, frames[i], broadcast.now).value();
    const auto start = std::chrono::steady_clock::now();
    const auto publication = broadcast.packager->push(last, frames.back(), broadcast.now);
    const std::chrono::duration<double, std::micro> took = std::chrono::steady_clock::now() - start;
    LIVE_ASSERT(publication && publication->snapshot);
    broadcast.at = broadcast.plan.grid.next(broadcast.at);
    return took.count() / static_cast<double>(last + 1);
}

Cost oneRun(Seconds window) {
    media::BroadcastPlan plan = examplePlan();
    plan.window = window;
    Broadcast broadcast(plan);
    broadcast.segments(static_cast<int>(window.count()) / 2 + 20);
    std::vector<double> costs;
    for (int i = 0; i < kSlots; ++i) costs.push_back(costOfNextSlot(broadcast));
    std::ranges::sort(costs);
    return {costs[kSlots / 2], costs[kSlots * 99 / 100 - 1]};
}

void measure(const char* name, Seconds window) {
    std::vector<double> medians, tails;
    for (int i = 0; i < kRuns; ++i) {
        const Cost cost = oneRun(window);
        medians.push_back(cost.p50);
        tails.push_back(cost.p99);
    }
    std::ranges::sort(medians);
    std::ranges::sort(tails);
    std::printf("\"%s\":{\"p50_us\":%.0f,\"p99_us\":%.0f},", name, medians[kRuns / 2], tails[kRuns / 2]);
}
}  // namespace

int main() {
    const double steal = perf::stealSeconds();
    std::printf("{");
    measure("window_30_s", Seconds(30));
    measure("window_600_s", Seconds(600));
    std::printf("\"runs\":%d,\"cores\":%u,\"steal_s\":%.2f}\n", kRuns, perf::cores(), perf::stealSeconds() - steal);
}
