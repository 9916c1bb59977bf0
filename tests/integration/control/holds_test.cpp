#include "tests/support/test_main.h"

#include <QJsonArray>

#include "tests/integration/control/api_fixture.h"

using namespace live;
using live::test::ApiFixture;
using live::test::RawResponse;

namespace {

const StreamId kHeld = *StreamId::parse("held");
constexpr const char* kHeldPath = "/api/v1/streams/held";

// A server with one stream, "held", on air.
struct HeldFixture : ApiFixture {
    bool startOnAir() {
        return start() && request("POST", "/api/v1/streams", R"({"name":"Show","id":"held"})").status == 201 &&
               plane.publish(kHeld);
    }
    RawResponse stop(int holdSeconds) const {
        return request("POST", QByteArray(kHeldPath) + "/stop", "{\"hold_s\":" + QByteArray::number(holdSeconds) + "}");
    }
    std::unique_ptr<test::RawHttpClient> send(const QByteArray& line, const QByteArray& body = {}) const {
        auto sender = client();
        sender->send(line + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + token() +
                     "\r\nContent-Type: application/json\r\nContent-Length: " + QByteArray::number(body.size()) +
                     "\r\n\r\n" + body);
        return sender;
    }
    std::unique_ptr<test::RawHttpClient> sendStop(int holdSeconds) const {
        return send("POST " + QByteArray(kHeldPath) + "/stop", "{\"hold_s\":" + QByteArray::number(holdSeconds) + "}");
    }
    // While the catalog is away, which is back then.
    RawResponse stopUnstored(int holdSeconds) {
        store.failWith(ErrorCode::Unavailable);
        RawResponse answer = stop(holdSeconds);
        store.failWith(std::nullopt);
        return answer;
    }
    bool restart() {
        server.reset();
        return start();
    }
    QJsonValue heldUntil() const { return request("GET", kHeldPath).json()["held_until"]; }
    QString in(Seconds time) const { return QString::fromStdString(toRfc3339(clock.unix() + time)); }
};

}  // namespace

class HoldsTest : public QObject {
    Q_OBJECT
private slots:
    void aHoldIsShownUntilItIsOver() {
        HeldFixture api;
        QVERIFY(api.startOnAir());
        QVERIFY(api.heldUntil().isNull());
        QCOMPARE(api.stop(5).status, 204);
        QCOMPARE(api.heldUntil(), api.in(Seconds(5)));
        QCOMPARE(api.request("GET", "/api/v1/streams").json()["items"][0]["held_until"], api.in(Seconds(5)));
        QVERIFY(api.plane.policy()->streams.at(kHeld).heldUntil == api.clock.unix() + Seconds(5));
        api.clock.advance(Seconds(5));
        QVERIFY(api.heldUntil().isNull());
    }
    void aHoldIsSetAnewAndLifted() {
        HeldFixture api;
        QVERIFY(api.startOnAir());
        QCOMPARE(api.stop(5).status, 204);
        QCOMPARE(api.stop(600).status, 204);
        QCOMPARE(api.heldUntil(), api.in(Seconds(600)));
        QCOMPARE(api.stop(0).status, 204);
        QVERIFY(api.heldUntil().isNull());
        QCOMPARE(api.plane.stops().back(), (std::pair{kHeld, Seconds(0)}));
        QVERIFY(api.restart());
        QVERIFY(api.heldUntil().isNull());
    }
    void aHoldThatTheCatalogDoesNotTakeHoldsAndIsStoredWhenItDoes() {
        HeldFixture api;
        QVERIFY(api.startOnAir());
        api.store.failWith(ErrorCode::Unavailable);
        const RawResponse refused = api.stop(600);
        QCOMPARE(refused.status, 503);
        QVERIFY(refused.headers.contains("retry-after"));
        QVERIFY(refused.json()["detail"].toString().startsWith("Done, but not stored"));
        QCOMPARE(api.request("GET", kHeldPath).json()["state"], "ended");
        QCOMPARE(api.heldUntil(), api.in(Seconds(600)));
        QCOMPARE(api.stop(600).status, 503);  // as often as the client likes
        QCOMPARE(api.server->unstoredHolds(), std::size_t(1));
        api.store.failWith(std::nullopt);
        QTRY_COMPARE(api.server->unstoredHolds(), std::size_t(0));
        QVERIFY(api.restart());
        QCOMPARE(api.heldUntil(), api.in(Seconds(600)));
    }
    void ofAStreamThatIsIdleSinceARestartOnlyTheHoldCanBeChanged() {
        HeldFixture api;
        QVERIFY(api.startOnAir());
        QCOMPARE(api.stop(600).status, 204);
        const auto restart = [&api] {
            api.plane.apply(std::make_shared<stream::Policy>());
            return api.restart();
        };
        QVERIFY(restart());
        QVERIFY(!api.plane.publish(kHeld));
        QCOMPARE(api.stop(5).status, 204);
        QVERIFY(restart());
        api.clock.advance(Seconds(5));
        QCOMPARE(api.stop(0).status, 409);
        QVERIFY(api.plane.publish(kHeld));
    }
    void aLiftThatTheCatalogDoesNotTakeIsStoredWhenItDoes() {
        HeldFixture api;
        QVERIFY(api.startOnAir());
        QCOMPARE(api.stop(600).status, 204);
        api.store.failWith(ErrorCode::Unavailable);
        QCOMPARE(api.stop(0).status, 503);
        QVERIFY(api.heldUntil().isNull());
        QCOMPARE(api.stop(0).status, 503);  // 204 only once it is stored
        api.store.failWith(std::nullopt);
        QTRY_COMPARE(api.server->unstoredHolds(), std::size_t(0));
        QVERIFY(api.restart());
        QVERIFY(api.heldUntil().isNull());
    }
    void holdsOfSeveralStreamsAreAllStored() {
        HeldFixture api;
        QVERIFY(api.startOnAir());
        QCOMPARE(api.request("POST", "/api/v1/streams", R"({"name":"Talk","id":"talk"})").status, 201);
        QVERIFY(api.plane.publish(*StreamId::parse("talk")));
        api.store.failWith(ErrorCode::Unavailable);
        QCOMPARE(api.stop(600).status, 503);
        QCOMPARE(api.request("POST", "/api/v1/streams/talk/stop").status, 503);
        QCOMPARE(api.server->unstoredHolds(), std::size_t(2));
        api.store.failWith(std::nullopt);
        QTRY_COMPARE(api.server->unstoredHolds(), std::size_t(0));
    }
    void whenAHoldIsStoredANewerOneThatWasRefusedIsStillToBe() {
        HeldFixture api;
        QVERIFY(api.startOnAir());
        api.store.hold();
        const auto taken = api.sendStop(600);
        QTRY_COMPARE(api.store.queuedCalls(), std::size_t(1));
        api.store.failWith(ErrorCode::Unavailable);
        const auto refused = api.sendStop(5);
        QTRY_COMPARE(api.store.queuedCalls(), std::size_t(2));
        api.store.release();
        QCOMPARE(taken->receive()->status, 204);
        QCOMPARE(refused->receive()->status, 503);
        QCOMPARE(api.server->unstoredHolds(), std::size_t(1));
        api.store.failWith(std::nullopt);
        QTRY_COMPARE(api.server->unstoredHolds(), std::size_t(0));
        QVERIFY(api.restart());
        QCOMPARE(api.heldUntil(), api.in(Seconds(5)));
    }
    void aWriteThatSucceedsDoesNotTakeAnUnstoredHoldBack() {
        HeldFixture api;
        api.retryInterval = std::chrono::hours(1);
        QVERIFY(api.startOnAir());
        QCOMPARE(api.stopUnstored(600).status, 503);
        QCOMPARE(api.request("PATCH", kHeldPath, R"({"name":"Late"})").json()["held_until"], api.in(Seconds(600)));
        QCOMPARE(api.stop(600).status, 204);
        QCOMPARE(api.server->unstoredHolds(), std::size_t(0));
    }
    void whatIsTriedAgainIsCountedAndTakesNoServerOutOfService() {
        HeldFixture api;
        QVERIFY(api.startOnAir());
        api.store.failWith(ErrorCode::Unavailable);
        QCOMPARE(api.stop(600).status, 503);
        QCOMPARE(api.request("GET", "/readyz").status, 503);
        api.clock.advance(Seconds(30));
        const std::uint64_t before = api.server->catalogFailures();
        QTRY_VERIFY(api.server->catalogFailures() >= before + 2);
        QCOMPARE(api.request("GET", "/readyz").status, 200);
    }
    void aServerThatStopsTriesOnceMore() {
        HeldFixture api;
        api.retryInterval = std::chrono::hours(1);
        QVERIFY(api.startOnAir());
        QCOMPARE(api.stopUnstored(600).status, 503);
        api.server->storeHolds();
        QVERIFY(api.restart());
        QCOMPARE(api.heldUntil(), api.in(Seconds(600)));
    }
    void ofAStreamThatIsDeletedNoHoldIsKept() {
        HeldFixture api;
        api.retryInterval = std::chrono::hours(1);
        QVERIFY(api.startOnAir());
        QCOMPARE(api.stopUnstored(600).status, 503);
        QCOMPARE(api.request("DELETE", kHeldPath).status, 204);
        QCOMPARE(api.server->unstoredHolds(), std::size_t(0));
    }
    void aStopOfAStreamThatIsDeletedMeanwhileFindsNone() {
        HeldFixture api;
        QVERIFY(api.startOnAir());
        api.store.hold();
        const auto removed = api.send("DELETE " + QByteArray(kHeldPath));
        QTRY_COMPARE(api.store.queuedCalls(), std::size_t(1));
        const auto stopped = api.sendStop(600);
        QTRY_COMPARE(api.store.queuedCalls(), std::size_t(2));
        api.store.release();
        QCOMPARE(removed->receive()->status, 204);
        const auto answer = stopped->receive();
        QCOMPARE(answer->status, 404);
        QCOMPARE(answer->json()["detail"], "There is no stream 'held'");
        QCOMPARE(api.server->unstoredHolds(), std::size_t(0));
    }
    // Without it, the one that is stored would be in force again: the longer one of before.
    void aHoldThatIsOverIsStoredAllTheSame() {
        HeldFixture api;
        QVERIFY(api.startOnAir());
        QCOMPARE(api.stop(3600).status, 204);
        api.store.failWith(ErrorCode::Unavailable);
        QCOMPARE(api.stop(5).status, 503);
        api.clock.advance(Seconds(5));
        const std::uint64_t before = api.server->catalogFailures();
        QTRY_VERIFY(api.server->catalogFailures() >= before + 2);
        api.store.failWith(std::nullopt);
        QTRY_COMPARE(api.server->unstoredHolds(), std::size_t(0));
        QVERIFY(api.request("PATCH", kHeldPath, R"({"name":"Late"})").json()["held_until"].isNull());
        QVERIFY(api.restart());
        QVERIFY(api.heldUntil().isNull());
    }
};
LIVE_TEST(HoldsTest)

#include "holds_test.moc"
