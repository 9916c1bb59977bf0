// What all connections of one viewer thread share.
#pragma once

#include <array>
#include <boost/asio/io_context.hpp>
#include <unordered_set>

#include "common/base/clock.h"
#include "server/origin/counters.h"
#include "server/origin/front.h"
#include "server/origin/io/http_date.h"
#include "server/origin/io/waiters.h"
#include "server/store/directory.h"

namespace live::origin::io {

class Connection;

struct Limits {
    std::size_t maxConnections = 10'000;     // of all viewer threads; one more is answered 503
    Nanoseconds idleTimeout = Seconds(60);   // between two requests of a connection
    Nanoseconds headTimeout = Seconds(10);   // for the first request, and from the first byte of a head to its last
    Nanoseconds writeStall = Seconds(10);    // nothing was taken by the client for this long: shed
    std::size_t minBytesPerSecond = 16'384;  // a response must be taken within writeStall + size / this
};

// Outlives everything that refers to it; `counters` alone is written to.
struct Site {
    const store::Directory& directory;
    const Clock& clock;
    PageTable pages;
    Limits limits;
    Counters& counters;
};

// Owner thread: the viewer thread that runs `executor`.
struct ViewerContext {
    explicit ViewerContext(const Site& theSite) : site(theSite) {}

    const Site& site;
    Waiters waiters;
    HttpDate date;
    std::unordered_set<Connection*> connections;
    bool isDraining = false;                      // finish what is being sent, take nothing new
    std::array<std::uint8_t, 16 * 1024> scratch;  // what was just read; empty between two steps of a coroutine
    boost::asio::io_context executor{1};          // last, so that its connections go before what they use
};

}  // namespace live::origin::io
