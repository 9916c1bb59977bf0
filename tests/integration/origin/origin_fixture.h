// A server on a free port with one stream, "demo".
#pragma once

#include <QTest>
#include <memory>

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
    // Waits, with a generous bound, for what other threads do.
    static bool eventually(auto condition) { return QTest::qWaitFor(condition, 20'000); }
    bool eventuallyHeld(std::int64_t count) const {
        return eventually([&] { return server->counters().heldRequests == count; });
    }

    ManualClock clock;
    store::Directory directory;
    std::unique_ptr<origin::io::Server> server;
};

}  // namespace live::test
