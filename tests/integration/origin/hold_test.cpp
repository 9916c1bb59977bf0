#include "tests/support/test_main.h"

#include <poll.h>

#include "tests/integration/origin/origin_fixture.h"

using namespace live;
using live::test::kBroadcastPath;
using live::test::kPlaylist;
using live::test::OriginFixture;
using Steady = std::chrono::steady_clock;

namespace {
std::vector<test::HttpClient> holdMany(OriginFixture& origin, int count, const std::string& target) {
    std::vector<test::HttpClient> clients;
    for (int i = 0; i < count; ++i) {
        clients.push_back(origin.connect());
        clients.back().get(target);
    }
    return clients;
}

// When each of `clients` first had something to read, after `start`, in milliseconds, ascending.
std::vector<double> arrivals(const std::vector<test::HttpClient>& clients, Steady::time_point start) {
    std::vector<pollfd> polls;
    for (const auto& client : clients) polls.push_back({client.socket(), POLLIN, 0});
    std::vector<double> times;
    while (times.size() < clients.size() && ::poll(polls.data(), polls.size(), 10'000) > 0) {
        const double now = std::chrono::duration<double, std::milli>(Steady::now() - start).count();
        for (pollfd& poll : polls) {
            if (poll.revents == 0) continue;
            times.push_back(now);
            poll.fd = -1;
            poll.revents = 0;
        }
    }
    return times;
}
}  // namespace

class HoldTest : public QObject {
    Q_OBJECT
private slots:
    void aPlaylistRequestWaitsForItsPartInEitherOrderOfKeys() {
        OriginFixture origin;
        origin.publish({});
        auto first = origin.connect(), second = origin.connect();
        first.get(kPlaylist + "?_HLS_msn=1000&_HLS_part=3");
        second.get(kPlaylist + "?_HLS_part=3&CMCD=sid&_HLS_msn=1000");
        QVERIFY(origin.eventuallyHeld(2));
        QVERIFY(!first.hasInput(std::chrono::milliseconds(20)));
        origin.publish({.newest = {1000, 3}});
        QCOMPARE(first.answer()->body, std::string("full v720 1000.3"));
        QCOMPARE(second.answer()->body, std::string("full v720 1000.3"));
        QVERIFY(origin.eventuallyHeld(0));
        const auto& holds = origin.server->counters().holds;
        std::uint64_t recorded = 0;
        for (const auto& bucket : holds.buckets) recorded += bucket;
        QCOMPARE(recorded, 2u);
    }
    void aThousandWaitersAreReleasedTogether() {
        OriginFixture origin;
        origin.publish({});
        auto clients = holdMany(origin, 1000, kPlaylist + "?_HLS_msn=1000&_HLS_part=3");
        QVERIFY(origin.eventuallyHeld(1000));
        const auto start = Steady::now();
        origin.publish({.newest = {1000, 3}});
        const std::vector<double> times = arrivals(clients, start);
        QCOMPARE(times.size(), clients.size());
        qInfo("1000 waiters: first answer after %.1f ms, last after %.1f ms", times.front(), times.back());
        QVERIFY(times.back() < 5000);
        for (auto& client : clients) QCOMPARE(client.answer()->body, std::string("full v720 1000.3"));
    }
    void theHintedPartIsServedBeforeDuringAndAfter() {
        OriginFixture origin;
        origin.publish({});
        auto early = origin.connect();
        early.get(kBroadcastPath + "v720/1000.3.m4s");
        QVERIFY(origin.eventuallyHeld(1));
        auto range = origin.connect();
        range.get(kBroadcastPath + "v720/1000.3.m4s", "Range: bytes=0-9007199254740991\r\n");
        QVERIFY(origin.eventuallyHeld(2));
        origin.publish({.newest = {1000, 3}});
        QCOMPARE(early.answer()->body, test::partText("v720", {1000, 3}, 100));
        const auto partial = range.answer();
        QCOMPARE(partial->status, 206);
        QCOMPARE(partial->fields.at("content-range"), std::string("bytes 0-99/100"));
        early.get(kBroadcastPath + "v720/1000.3.m4s");
        QCOMPARE(early.answer()->body, test::partText("v720", {1000, 3}, 100));
    }
    void theEndOfABroadcastWakesAll() {
        OriginFixture origin;
        origin.publish({.newest = {1000, 4}});
        auto segment = origin.connect(), part = origin.connect(), hint = origin.connect();
        segment.get(kPlaylist + "?_HLS_msn=1001");
        part.get(kPlaylist + "?_HLS_msn=1001&_HLS_part=2");
        QVERIFY(origin.eventuallyHeld(2));
        origin.publish({.newest = {1000, 5}});
        hint.get(kBroadcastPath + "v720/1001.0.m4s");
        QVERIFY(origin.eventuallyHeld(3));
        origin.publish({.newest = {1000, 5}, .isEnded = true});
        QCOMPARE(segment.answer()->fields.at("cache-control"), std::string("public, max-age=3600"));
        QCOMPARE(part.answer()->status, 200);
        QCOMPARE(hint.answer()->status, 204);
    }
    void aShedRenditionRefusesWhoeverWaitsForIt() {
        OriginFixture origin;
        origin.publish({});
        auto video = origin.connect(), audio = origin.connect();
        video.get(kPlaylist + "?_HLS_msn=1000&_HLS_part=4");
        audio.get(kBroadcastPath + "a0/index.m3u8?_HLS_msn=1000&_HLS_part=4");
        QVERIFY(origin.eventuallyHeld(2));
        origin.publish({.newest = {1000, 3}, .isShed = true});
        QCOMPARE(video.answer()->status, 404);
        QVERIFY(origin.eventuallyHeld(1));
        origin.publish({.newest = {1000, 4}, .isShed = true});
        QCOMPARE(audio.answer()->status, 200);
    }
    void aClientThatLeavesIsNoticed() {
        OriginFixture origin;
        origin.publish({});
        auto clients = holdMany(origin, 10, kPlaylist + "?_HLS_msn=1000&_HLS_part=3");
        QVERIFY(origin.eventuallyHeld(10));
        for (int i = 0; i < 9; ++i) clients[static_cast<std::size_t>(i)].close();
        QVERIFY(origin.eventuallyHeld(1));
        QVERIFY(OriginFixture::eventually([&] { return origin.server->counters().openConnections == 1; }));
        QCOMPARE(origin.server->counters().heldDisconnected.load(), 9u);
        origin.publish({.newest = {1000, 3}});
        QCOMPARE(clients[9].answer()->status, 200);
    }
    void aHeldRequestIsRefusedAtItsLimit() {
        OriginFixture origin;
        origin.publish({.segmentDuration = Seconds(1), .newest = {1000, 0}});
        auto client = origin.connect();
        const auto start = Steady::now();
        client.get(kPlaylist + "?_HLS_msn=1000&_HLS_part=2");
        const auto answer = client.answer();
        QVERIFY(answer && answer->status == 503);
        QCOMPARE(answer->fields.at("cache-control"), std::string("no-store"));
        QCOMPARE(answer->fields.at("live-reason"), std::string("held too long"));
        QVERIFY(Steady::now() - start >= std::chrono::seconds(3));
        client.get("/live/demo/master.m3u8");
        QCOMPARE(client.answer()->status, 200);
    }
    void requestsWaitForTheFirstPlaylist() {
        OriginFixture origin;
        const StreamId stream = *StreamId::parse("demo");
        auto client = origin.connect(), other = origin.connect();
        client.get("/live/demo/master.m3u8");
        QCOMPARE(client.answer()->status, 404);
        origin.directory.set(stream, {true, nullptr, nullptr});
        client.get("/live/demo/master.m3u8");
        other.get("/live/demo/master.m3u8");
        QVERIFY(origin.eventuallyHeld(2));
        origin.publish({});
        QCOMPARE(client.answer()->body, std::string("master 1000.2"));
        QCOMPARE(other.answer()->status, 200);
        origin.directory.remove(stream);
        client.get("/live/demo/master.m3u8");
        QCOMPARE(client.answer()->status, 404);
    }
    void whatIsPipelinedBehindAHeldRequestIsAnsweredAfterIt() {
        OriginFixture origin;
        origin.publish({});
        auto client = origin.connect();
        client.get(kPlaylist + "?_HLS_msn=1000&_HLS_part=3");
        QVERIFY(origin.eventuallyHeld(1));
        client.get("/live/demo/master.m3u8");
        QVERIFY(!client.hasInput(std::chrono::milliseconds(20)));
        origin.publish({.newest = {1000, 3}});
        QCOMPARE(client.answer()->body, std::string("full v720 1000.3"));
        QCOMPARE(client.answer()->body, std::string("master 1000.3"));
    }
};
LIVE_TEST(HoldTest)

#include "hold_test.moc"
