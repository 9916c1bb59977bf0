// What the origin counts. Written by viewer threads, read by any thread.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>

namespace live::origin {

using Counter = std::atomic<std::uint64_t>;

// How long requests were held, released or not.
struct HoldHistogram {
    static constexpr std::array<double, 9> kBoundsSeconds{0.05, 0.1, 0.2, 0.35, 0.5, 1, 2, 5, 10};

    std::array<Counter, kBoundsSeconds.size() + 1> buckets{};  // not cumulative; the last one has no bound
    Counter sumMicroseconds{0};

    void record(std::chrono::nanoseconds held) {
        const double seconds = std::chrono::duration<double>(held).count();
        std::size_t bucket = 0;
        while (bucket < kBoundsSeconds.size() && seconds > kBoundsSeconds[bucket]) ++bucket;
        buckets[bucket].fetch_add(1, std::memory_order_relaxed);
        sumMicroseconds.fetch_add(static_cast<std::uint64_t>(held.count() / 1000), std::memory_order_relaxed);
    }
};

struct Counters {
    std::array<Counter, 6> responses{};  // by hundreds of the status: responses[2] counts 2xx
    Counter bytesSent{0};                // heads and bodies, as taken by the socket
    Counter connectionsAccepted{0};
    Counter connectionsRefused{0};   // over the cap
    Counter connectionsTimedOut{0};  // said nothing, or not a whole head, in time
    Counter slowReadersShed{0};
    Counter heldTimedOut{0};
    Counter heldDisconnected{0};  // the client left while its request was held
    HoldHistogram holds;
    // Gauges.
    std::atomic<std::int64_t> openConnections{0};
    std::atomic<std::int64_t> heldRequests{0};
};

}  // namespace live::origin
