#include "tests/support/test_main.h"

#include "tests/integration/origin/origin_fixture.h"

using namespace live;
using live::test::kBroadcastPath;
using live::test::kPlaylist;
using live::test::OriginFixture;
using Steady = std::chrono::steady_clock;

class StopTest : public QObject {
    Q_OBJECT
private slots:
    void heldRequestsAreToldAndIdleConnectionsEnd() {
        OriginFixture origin;
        origin.publish({});
        auto held = origin.connect(), idle = origin.connect(), silent = origin.connect();
        held.get(kPlaylist + "?_HLS_msn=1000&_HLS_part=3");
        idle.get(kPlaylist);
        QCOMPARE(idle.answer()->status, 200);
        QVERIFY(origin.eventuallyHeld(1));
        QVERIFY(OriginFixture::eventually([&] { return origin.server->counters().openConnections == 3; }));
        const auto start = Steady::now();
        origin.server->stop(Seconds(10));
        QVERIFY(Steady::now() - start < std::chrono::seconds(5));
        const auto answer = held.answer();
        QVERIFY(answer && answer->status == 503);
        QCOMPARE(answer->fields.at("connection"), std::string("close"));
        QVERIFY(held.isClosed() && idle.isClosed() && silent.isClosed());
        QVERIFY(!origin.connect().isConnected());
        QCOMPARE(origin.server->counters().openConnections.load(), 0);
    }
    void aBodyThatIsBeingSentIsFinished() {
        OriginFixture origin;
        origin.publish({.listedSegments = 2, .removedSegments = 0, .partBytes = 2'000'000});
        test::HttpClient client(origin.server->endpoint(), 65'536);
        client.get(kBroadcastPath + "v720/999.m4s");
        QVERIFY(client.hasInput(test::HttpClient::kPatience));
        std::thread stopping([&] { origin.server->stop(Seconds(10)); });
        const auto answer = client.answer();
        stopping.join();
        QVERIFY(answer && answer->body.size() == 12'000'000);
    }
    void whoeverDoesNotReadIsCutOffAfterTheGrace() {
        OriginFixture origin;
        origin.publish({.listedSegments = 2, .removedSegments = 0, .partBytes = 5'000'000});
        test::HttpClient stuck(origin.server->endpoint(), 4096);
        stuck.get(kBroadcastPath + "v720/999.m4s");
        QVERIFY(stuck.hasInput(test::HttpClient::kPatience));
        const auto start = Steady::now();
        origin.server->stop(Milliseconds(100));
        QVERIFY(Steady::now() - start < std::chrono::seconds(5));
        QCOMPARE(origin.server->counters().openConnections.load(), 0);
    }
    void theDirectoryMayChangeAfterTheServerHasGone() {
        OriginFixture origin;
        origin.publish({});
        origin.server->stop();
        origin.publish({.newest = {1000, 3}});
        origin.server.reset();
        origin.publish({.newest = {1000, 4}});
    }
};
LIVE_TEST(StopTest)

#include "stop_test.moc"
