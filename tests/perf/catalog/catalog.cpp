// How long the catalog takes for list, get and create with 1,000 streams in it: from the call to `done`, one call at a
// time.
//   perf_catalog [DIRECTORY]     a directory on the disk to measure; default: the system's for temporary files
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <future>
#include <vector>

#include "server/catalog/sqlite_store.h"

namespace {
using namespace live;
using namespace live::catalog;
using Timer = std::chrono::steady_clock;

constexpr int kStreams = 1000;
constexpr int kCalls = 500;

struct Percentiles {
    double p50Ms = 0;
    double p95Ms = 0;
};

Stream streamNumber(int number) {
    Stream stream;
    stream.id = *StreamId::parse("stream-" + std::to_string(number));
    stream.name = "Stream " + std::to_string(number);
    stream.settings.ladder = defaultLadder();
    const std::string key = "key-" + std::to_string(number);
    stream.keys = {{"k", KeyRole::Primary, sha256Hex(asBytes(key)), key.substr(key.size() - 4), UnixTime()}};
    return stream;
}

// `call` gets what it has to call when it is answered.
Percentiles measured(const std::function<void(int, std::function<void()>)>& call) {
    std::vector<double> times;
    for (int i = 0; i < kCalls; ++i) {
        std::promise<void> answered;
        const auto start = Timer::now();
        call(i, [&answered] { answered.set_value(); });
        answered.get_future().wait();
        times.push_back(std::chrono::duration<double, std::milli>(Timer::now() - start).count());
    }
    std::ranges::sort(times);
    return {times[kCalls / 2], times[kCalls * 95 / 100]};
}

void checked(const auto& result) {
    if (result) return;
    std::fprintf(stderr, "%s\n", result.error().describe().c_str());
    std::exit(1);
}

void print(const char* name, Percentiles values, const char* end) {
    std::printf("\"%s_p50_ms\":%.2f,\"%s_p95_ms\":%.2f%s", name, values.p50Ms, name, values.p95Ms, end);
}
}  // namespace

int main(int argc, char** argv) {
    const auto parent = argc > 1 ? std::filesystem::path(argv[1]) : std::filesystem::temp_directory_path();
    const auto directory = parent / ("perf_catalog-" + makeUuidV7(UnixTime(Timer::now().time_since_epoch())));
    std::filesystem::create_directory(directory);
    auto opened = openSqlite(directory / "catalog.db");
    checked(opened);
    Store& store = **opened;
    for (int i = 0; i < kStreams; ++i) store.createStream(streamNumber(i), [](const auto& result) { checked(result); });

    const auto list = measured([&store](int, auto done) {
        store.streams({.limit = 50}, [done](const auto& result) { checked(result), done(); });
    });
    const auto search = measured([&store](int i, auto done) {
        store.streams({.query = "stream " + std::to_string(i)},
                      [done](const auto& result) { checked(result), done(); });
    });
    const auto one = measured([&store](int i, auto done) {
        store.stream(*StreamId::parse("stream-" + std::to_string(i)),
                     [done](const auto& result) { checked(result), done(); });
    });
    const auto create = measured([&store](int i, auto done) {
        store.createStream(streamNumber(kStreams + i), [done](const auto& result) { checked(result), done(); });
    });
    std::printf("{\"streams\":%d,", kStreams);
    print("list", list, ",");
    print("search", search, ",");
    print("get", one, ",");
    print("create", create, "}\n");
    opened->reset();
    std::filesystem::remove_all(directory);
}
