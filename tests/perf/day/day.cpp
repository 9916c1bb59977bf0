// Virtual hours of a broadcast, whose publisher's clock is 200 ppm fast, then slow: does anything grow or drift? Prints
// one JSON line, and what was wrong on standard error; exits 1 if anything was.
//   perf_day [HOURS]      24 unless said otherwise
// `drift_found_ppm` is against the output clock, which follows a system clock that runs 40 ppm fast (day.h): -160 and
// +240 are the right answers.
#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "tests/integration/day/day.h"
#include "tests/perf/machine.h"

namespace {
using namespace live;
using namespace live::test;

double inMilliseconds(Nanoseconds time) { return static_cast<double>(time.count()) / 1e6; }

// False if anything was wrong.
bool lived(std::int64_t driftPpm, int hours) {
    Day day(driftPpm);
    day.run(std::chrono::hours(1));
    const Day::Size early = day.size();
    day.run(std::chrono::hours(hours - 1));
    const Day::Size late = day.size();
    const QString problem = day.problem(early);
    if (!problem.isEmpty()) std::fprintf(stderr, "%+d ppm: %s\n", static_cast<int>(driftPpm), qPrintable(problem));
    std::printf(
        "\"drift_%s200_ppm\":{\"ok\":%s,\"worst_av_offset_ms\":%.2f,\"delay_ms\":[%.1f,%.1f],\"drift_found_ppm\":%.1f,"
        "\"requests\":%lld,\"heap_growth_kib\":%.1f,\"rss_hour_1_mib\":%.1f,\"rss_end_mib\":%.1f,"
        "\"segments_kept\":[%zu,%zu]},",
        driftPpm > 0 ? "plus_" : "minus_", problem.isEmpty() ? "true" : "false",
        inMilliseconds(day.publisher().worstOffset), inMilliseconds(day.publisher().leastDelay),
        inMilliseconds(day.publisher().mostDelay), day.publisher().mapping().driftPpb() / 1000.0,
        static_cast<long long>(day.requests()),
        (static_cast<double>(late.heapBytes) - static_cast<double>(early.heapBytes)) / 1024,
        static_cast<double>(early.residentBytes) / 1048576, static_cast<double>(late.residentBytes) / 1048576,
        early.segments + early.removedSegments, late.segments + late.removedSegments);
    return problem.isEmpty();
}
}  // namespace

int main(int argc, char** argv) {
    const int hours = argc > 1 ? std::atoi(argv[1]) : 24;
    if (hours < 2) {
        std::fprintf(stderr, "usage: perf_day [HOURS], at least 2\n");
        return 2;
    }
    const double steal = perf::stealSeconds();
    const auto start = std::chrono::steady_clock::now();
    std::printf("{\"virtual_hours\":%d,", hours);
    const bool isRight = lived(200, hours) & lived(-200, hours);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    std::printf("\"took_s\":%.1f,\"cores\":%u,\"steal_s\":%.2f}\n", took.count(), perf::cores(),
                perf::stealSeconds() - steal);
    return isRight ? 0 : 1;
}
