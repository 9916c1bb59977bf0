// A server on a free port with one stream, "demo".
#pragma once

#include <chrono>
#include <memory>
#include <thread>

#include "server/origin/io/server.h"
#include "tests/support/http_client.h"
#include "tests/support/loopback.h"
#include "tests/support/snapshots.h"

namespace live::test {

inline const std::string kBroadcastPath = "/live/demo/00000000000000000000000001/";
inline const std::string kPlaylist = kBroadcastPath + "v720/index.m3u8";

struct OriginFixture {
    explicit OriginFixture(origin::io::Limits limits = {}, origin::PageTable pages = {}) {
        auto created = origin::io::Server::create({.listening = loopbackSocket(), .threads = 2, .limits = limits},
                                                  directory, clock, std::move(pages));
        LIVE_ASSERT(created.has_value());
        server = std::move(*created);
    }

    void publish(SnapshotShape shape) {
        shape.publishedAt = clock.boot();
        directory.set(*StreamId::parse("demo"), {false, makeSnapshot(shape), nullptr});
    }
    HttpClient connect() const { return HttpClient(server->endpoint()); }
    // Waits, with a generous bound, for what other threads do. Nothing announces a counter's change, so it is looked at
    // every millisecond; the bound decides nothing but when to give up.
    template <class Condition>
    static bool eventually(Condition condition) {
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
        while (!condition()) {
            if (std::chrono::steady_clock::now() > deadline) return false;
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
        return true;
    }
    bool eventuallyHeld(std::int64_t count) const {
        return eventually([&] { return server->counters().heldRequests == count; });
    }

    ManualClock clock;
    store::Directory directory;
    std::unique_ptr<origin::io::Server> server;
};

}  // namespace live::test
