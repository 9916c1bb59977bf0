#include "tests/support/test_main.h"

#include "tests/integration/origin/origin_fixture.h"

using namespace live;
using live::test::kBroadcastPath;
using live::test::kPlaylist;
using live::test::OriginFixture;

// Sends until the server has taken nothing for half a second: the kernel's buffers are full on both sides and it reads
// no more. False when there is no end of it.
static bool isHeldBack(test::HttpClient& client, const std::string& requests) {
    std::size_t sent = 0;
    while (sent < 100'000'000 && client.hasRoom(std::chrono::milliseconds(500))) sent += client.sendSome(requests);
    return sent < 100'000'000;
}

class LimitsTest : public QObject {
    Q_OBJECT
private slots:
    void connectionsOverTheCapAreRefused() {
        OriginFixture origin({.maxConnections = 20});
        origin.publish({});
        std::vector<test::HttpClient> silent;
        for (int i = 0; i < 20; ++i) silent.push_back(origin.connect());
        QVERIFY(OriginFixture::eventually([&] { return origin.server->counters().openConnections == 20; }));
        auto late = origin.connect();
        late.get(kPlaylist);
        const auto answer = late.answer();
        QVERIFY(answer && answer->status == 503);
        QCOMPARE(answer->fields.at("live-reason"), std::string("too many connections"));
        QVERIFY(late.isClosed());
        silent.clear();
        QVERIFY(OriginFixture::eventually([&] { return origin.server->counters().openConnections == 0; }));
        auto again = origin.connect();
        again.get(kPlaylist);
        QCOMPARE(again.answer()->status, 200);
    }
    void thousandsOfSilentConnectionsStayUnderTheCap() {
        OriginFixture origin({.maxConnections = 1000});
        origin.publish({});
        auto viewer = origin.connect();
        viewer.get(kPlaylist);
        QCOMPARE(viewer.answer()->status, 200);
        std::vector<test::HttpClient> silent;
        for (int i = 0; i < 3000; ++i) silent.push_back(origin.connect());
        QVERIFY(OriginFixture::eventually([&] { return origin.server->counters().connectionsRefused >= 2001 - 128; }));
        QVERIFY(origin.server->counters().openConnections <= 1000 + 128);
        viewer.get(kPlaylist);
        QCOMPARE(viewer.answer()->status, 200);
    }
    void whoSaysNothingIsDropped() {
        OriginFixture origin({.headTimeout = Milliseconds(50)});
        auto silent = origin.connect(), slow = origin.connect();
        slow.send("GET / HT");
        QVERIFY(silent.isClosed());
        QCOMPARE(slow.answer()->status, 408);
        QVERIFY(slow.isClosed());
        QCOMPARE(origin.server->counters().connectionsTimedOut.load(), 2u);
    }
    void whoIsIdleBetweenRequestsIsDropped() {
        OriginFixture origin({.idleTimeout = Milliseconds(50)});
        origin.publish({});
        auto client = origin.connect();
        client.get(kPlaylist);
        QCOMPARE(client.answer()->status, 200);
        QVERIFY(client.isClosed());
    }
    void aReaderThatStopsIsShedAndDelaysNobody() {
        OriginFixture origin({.writeStall = Milliseconds(300), .minBytesPerSecond = 1'000'000'000});
        origin.publish({.listedSegments = 2, .removedSegments = 0, .partBytes = 5'000'000});
        test::HttpClient stopped(origin.server->endpoint(), 4096);
        stopped.get(kBroadcastPath + "v720/999.m4s");
        QVERIFY(stopped.hasInput(test::HttpClient::kPatience));
        for (int i = 0; i < 20; ++i) {
            auto other = origin.connect();
            other.get(kPlaylist);
            QCOMPARE(other.answer()->status, 200);
        }
        QVERIFY(OriginFixture::eventually([&] { return origin.server->counters().slowReadersShed == 1; }));
        QVERIFY(OriginFixture::eventually([&] { return origin.server->counters().openConnections == 0; }));
    }
    void aPipeliningClientThatNeverReadsStaysBounded() {
        OriginFixture origin;
        origin.publish({.partBytes = 100'000});
        test::HttpClient client(origin.server->endpoint(), 4096);
        std::string requests;
        for (int i = 0; i < 1000; ++i)
            requests += "GET " + kBroadcastPath + "v720/1000.0.m4s HTTP/1.1\r\nHost: x\r\n\r\n";
        QVERIFY(isHeldBack(client, requests));
        const std::uint64_t answered = origin.server->counters().responses[2];
        auto other = origin.connect();
        other.get(kPlaylist);
        QCOMPARE(other.answer()->status, 200);
        QVERIFY(answered < 1000);
    }
    void pipeliningBehindAHeldRequestStaysBounded() {
        OriginFixture origin;
        origin.publish({});
        test::HttpClient client(origin.server->endpoint());
        client.get(kPlaylist + "?_HLS_msn=1000&_HLS_part=3");
        QVERIFY(origin.eventuallyHeld(1));
        const std::string requests(1 << 20, 'x');
        QVERIFY(isHeldBack(client, requests));
        origin.publish({.newest = {1000, 3}});
        QCOMPARE(client.answer()->status, 200);
    }
};
LIVE_TEST(LimitsTest)

#include "limits_test.moc"
