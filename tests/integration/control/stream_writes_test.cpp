#include "tests/support/test_main.h"

#include <QJsonArray>

#include "server/control/secrets.h"
#include "tests/integration/control/api_fixture.h"

using namespace live;
using live::test::ApiFixture;
using live::test::RawResponse;

namespace {

const StreamId kShow = *StreamId::parse("show");

// A server with one stream "show"; `created` is its answer.
struct ShowFixture : ApiFixture {
    QJsonObject created;
    bool startWithShow() {
        if (!start()) return false;
        created = request("POST", "/api/v1/streams", R"({"name":"Show","id":"show"})").json();
        return created["id"] == "show";
    }
    QByteArray key() const { return created["stream_key"].toString().toUtf8(); }
};

constexpr const char* kPath = "/api/v1/streams/show";

}  // namespace

class StreamWritesTest : public QObject {
    Q_OBJECT
private slots:
    void aPatchChangesTheStreamAndThePolicy() {
        ShowFixture api;
        QVERIFY(api.startWithShow());
        const auto patched =
            api.request("PATCH", kPath, R"({"name":"Late","latency_profile":"ultra"})", "application/merge-patch+json");
        QCOMPARE(patched.status, 200);
        QCOMPARE(patched.json()["name"], "Late");
        QCOMPARE(api.request("GET", kPath).json(), patched.json());
        QVERIFY(api.plane.policy()->streams.at(kShow).settings.latencyProfile == LatencyProfile::Ultra);
        QVERIFY(api.plane.policy()->keys.size() == 1);
    }
    void patchesAtTheSameTimeDoNotUndoEachOther() {
        ShowFixture api;
        QVERIFY(api.startWithShow());
        auto one = api.client(), two = api.client(), three = api.client();
        const auto send = [&](auto& client, const QByteArray& body) {
            client->send("PATCH " + QByteArray(kPath) + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + api.token() +
                         "\r\nContent-Type: application/json\r\nContent-Length: " + QByteArray::number(body.size()) +
                         "\r\n\r\n" + body);
        };
        api.store.hold();
        send(one, R"({"name":"One"})");
        send(two, R"({"segment_duration_s":4})");
        send(three, R"({"window_s":1})");
        QTRY_VERIFY(api.store.queuedCalls() > 0);
        api.store.release();
        QCOMPARE(one->receive()->status, 200);
        const auto second = two->receive();
        QCOMPARE(second->json()["name"], "One");
        QCOMPARE(second->json()["segment_duration_s"].toInt(), 4);
        QCOMPARE(three->receive()->status, 422);  // and the queue goes on after a refusal
        QCOMPARE(api.request("PATCH", kPath, R"({"enabled":false})").json()["name"], "One");
    }
    void disablingEndsTheBroadcast() {
        ShowFixture api;
        QVERIFY(api.startWithShow());
        QVERIFY(api.plane.publish(kShow));
        QCOMPARE(api.request("GET", kPath).json()["state"], "live");
        QCOMPARE(api.request("PATCH", kPath, R"({"enabled":false})").json()["state"], "ended");
        QVERIFY(!api.plane.publish(kShow));
    }
    void aRemovedStreamIsGoneAndItsIdIsNeverGivenAgain() {
        ShowFixture api;
        QVERIFY(api.startWithShow());
        QVERIFY(api.plane.publish(kShow));
        const auto removed = api.request("DELETE", kPath);
        QCOMPARE(removed.status, 204);
        QVERIFY(!removed.headers.contains("content-length"));
        QVERIFY(api.plane.policy()->streams.empty() && api.plane.policy()->keys.empty());
        QVERIFY(api.plane.stats(kShow)->state == StreamState::Idle);
        for (const char* method : {"GET", "DELETE", "PATCH"}) QCOMPARE(api.request(method, kPath).status, 404);
        const auto again = api.request("POST", "/api/v1/streams", R"({"name":"Show","id":"show"})");
        QCOMPARE(again.status, 409);
        QCOMPARE(again.json()["code"], "conflict");
    }
    void keysAreIssuedAndRevoked() {
        ShowFixture api;
        QVERIFY(api.startWithShow());
        const auto issued = api.request("POST", QByteArray(kPath) + "/keys", R"({"role":"primary"})");
        QCOMPARE(issued.status, 201);
        const QString key = issued.json()["key"].toString();
        QCOMPARE(issued.json()["ingest"][0]["url"], "rtmp://media.test/live/" + key);
        QVERIFY(api.plane.policy()->keys.contains(control::digestOf(key.toStdString())));
        QCOMPARE(api.request("GET", kPath).json()["keys"].toArray().size(), 2);

        const QByteArray first = api.created["keys"][0]["id"].toString().toUtf8();
        QCOMPARE(api.request("DELETE", QByteArray(kPath) + "/keys/" + first).status, 204);
        QVERIFY(!api.plane.policy()->keys.contains(control::digestOf(api.key().toStdString())));
        QCOMPARE(api.request("DELETE", QByteArray(kPath) + "/keys/" + first).status, 404);
        QCOMPARE(api.request("POST", "/api/v1/streams/none/keys").status, 404);
    }
    void aKeyForABackupInputIsRefusedByName() {
        ShowFixture api;
        QVERIFY(api.startWithShow());
        const auto refused = api.request("POST", QByteArray(kPath) + "/keys", R"({"role":"backup"})");
        QCOMPARE(refused.status, 422);
        QCOMPARE(refused.json()["errors"][0]["pointer"], "/role");
        QVERIFY(refused.json()["detail"].toString().contains("backup"));
    }
    void aStreamHasABoundedNumberOfKeys() {
        ShowFixture api;
        QVERIFY(api.startWithShow());
        for (std::size_t i = 1; i < catalog::Store::kMaxKeys; ++i)
            QCOMPARE(api.request("POST", QByteArray(kPath) + "/keys").status, 201);
        QCOMPARE(api.request("POST", QByteArray(kPath) + "/keys").status, 409);
    }
    void aStopEndsTheBroadcastAndHoldsTheKey() {
        ShowFixture api;
        QVERIFY(api.startWithShow());
        const QByteArray path = QByteArray(kPath) + "/stop";
        QCOMPARE(api.request("POST", path).status, 409);
        QVERIFY(api.plane.publish(kShow));
        QCOMPARE(api.request("POST", path, R"({"hold_s":5})").status, 204);
        QCOMPARE(api.plane.stops().back(), (std::pair{kShow, Seconds(5)}));
        QCOMPARE(api.request("GET", kPath).json()["state"], "ended");
        QCOMPARE(api.request("POST", path, R"({"hold_s":-5})").status, 422);
        QCOMPARE(api.request("POST", "/api/v1/streams/none/stop").status, 404);
    }
    void statsTellWhatIsOnAir() {
        ShowFixture api;
        QVERIFY(api.startWithShow());
        const QByteArray path = QByteArray(kPath) + "/stats";
        const auto idle = api.request("GET", path).json();
        QCOMPARE(idle["state"], "idle");
        QVERIFY(idle["broadcast_id"].isNull() && idle["viewers"].isNull() && idle["worker"].isNull());
        QVERIFY(api.plane.publish(kShow));
        const auto live = api.request("GET", path).json();
        QCOMPARE(live["inputs"][0]["video_codec"], "avc1.64001f");
        QCOMPARE(live["renditions"][0]["encode_speed"].toDouble(), 2.5);
        QCOMPARE(live["worker"]["pid"].toInt(), 4711);
        QCOMPARE(live["latency_ms"].toDouble(), 412.5);
    }
    void listsAreFiltered() {
        ShowFixture api;
        QVERIFY(api.startWithShow());
        QCOMPARE(api.request("POST", "/api/v1/streams", R"({"name":"News","id":"b","enabled":false})").status, 201);
        QVERIFY(api.plane.publish(kShow));
        const auto ids = [&](const QByteArray& query) {
            QStringList found;
            for (const QJsonValue item : api.request("GET", "/api/v1/streams?" + query).json()["items"].toArray())
                found += item["id"].toString();
            return found;
        };
        QCOMPARE(ids("q=SHO"), QStringList("show"));
        QCOMPARE(ids("q=new"), QStringList("b"));
        QCOMPARE(ids("state=live"), QStringList("show"));
        QCOMPARE(ids("state=idle"), QStringList("b"));
        QCOMPARE(ids("enabled=false"), QStringList("b"));
        QCOMPARE(ids("q=zzz"), QStringList());
    }
    void aWrongQueryIsNamed() {
        ShowFixture api;
        QVERIFY(api.startWithShow());
        for (const char* query :
             {"limit=0", "limit=501", "limit=x", "limit=", "state=on", "enabled=1", "cursor=A", "page=2", "q=a&q=b"}) {
            const auto answer = api.request("GET", QByteArray("/api/v1/streams?") + query);
            QCOMPARE(answer.status, 422);
            QVERIFY(QByteArray(query).startsWith(answer.json()["errors"][0]["parameter"].toString().toUtf8()));
        }
    }
    void whileTheCatalogIsAwayReadsWorkAndWritesSayWhenToTryAgain() {
        ShowFixture api;
        QVERIFY(api.startWithShow());
        for (const ErrorCode code : {ErrorCode::Unavailable, ErrorCode::Overloaded, ErrorCode::Io}) {
            api.store.failWith(code);
            QCOMPARE(api.request("GET", kPath).status, 200);
            const std::vector<RawResponse> refused{api.request("POST", "/api/v1/streams", R"({"name":"x"})"),
                                                   api.request("PATCH", kPath, R"({"name":"x"})"),
                                                   api.request("POST", QByteArray(kPath) + "/keys"),
                                                   api.request("DELETE", kPath)};
            for (const RawResponse& answer : refused) {
                QCOMPARE(answer.status, 503);
                QVERIFY(answer.headers.contains("retry-after"));
            }
        }
        QCOMPARE(api.plane.policy()->streams.at(kShow).name, std::string("Show"));
        api.store.failWith(std::nullopt);
        QCOMPARE(api.request("PATCH", kPath, R"({"name":"x"})").status, 200);
    }
    void aFailingCatalogIsLoggedCountedAndNotReady() {
        ShowFixture api;
        QVERIFY(api.startWithShow());
        const auto causes = [&] {
            return std::ranges::count_if(api.logged->lines(), [](const std::string& line) {
                return line.contains("catalog.failed") && line.contains("the catalog is away");
            });
        };
        QCOMPARE(api.request("GET", "/readyz").status, 200);
        QCOMPARE(api.request("DELETE", QByteArray(kPath) + "/keys/none").status, 404);
        QCOMPARE(api.server->catalogFailures(), std::uint64_t(0));
        api.store.failWith(ErrorCode::Io);
        for (int i = 0; i < 3; ++i)
            QCOMPARE(api.request("PATCH", kPath, R"({"name":"x"})").json()["code"], "storage_failed");
        QCOMPARE(api.server->catalogFailures(), std::uint64_t(3));
        QCOMPARE(causes(), 1);
        QCOMPARE(api.request("GET", "/readyz").status, 503);
        api.store.failWith(std::nullopt);
        QCOMPARE(api.request("GET", kPath).status, 200);
        QCOMPARE(api.request("GET", "/readyz").status, 503);
        QCOMPARE(api.request("PATCH", kPath, R"({"name":"x"})").status, 200);
        QCOMPARE(api.request("GET", "/readyz").status, 200);
        api.store.failWith(ErrorCode::Io);
        QCOMPARE(api.request("PATCH", kPath, R"({"name":"y"})").status, 503);
        api.clock.advance(Seconds(29));
        QCOMPARE(api.request("GET", "/readyz").status, 503);
        api.clock.advance(Seconds(1));
        QCOMPARE(api.request("GET", "/readyz").status, 200);
    }
    // What is on air goes on without: nobody is better off with another server.
    void aJournalThatCannotBeWrittenIsCountedAndLeavesTheServerReady() {
        ShowFixture api;
        QVERIFY(api.startWithShow());
        api.server->catalogAnswered(fail(ErrorCode::Unavailable, "the database is busy"));
        QCOMPARE(api.server->catalogFailures(), std::uint64_t(1));
        QVERIFY(api.logged->lines().back().contains("the database is busy"));
        QCOMPARE(api.request("GET", "/readyz").status, 200);
    }
    void aJournalThatIsWrittenProvesTheCatalogWell() {
        ShowFixture api;
        QVERIFY(api.startWithShow());
        api.store.failWith(ErrorCode::Io);
        QCOMPARE(api.request("PATCH", kPath, R"({"name":"x"})").status, 503);
        QCOMPARE(api.request("GET", "/readyz").status, 503);
        api.server->catalogAnswered({});
        QCOMPARE(api.request("GET", "/readyz").status, 200);
    }
    void keysThatAreAskedForAtOnceAreNoMoreThanThereMayBe() {
        ShowFixture api;
        QVERIFY(api.startWithShow());
        api.store.hold();
        std::vector<std::unique_ptr<live::test::RawHttpClient>> clients;
        for (int i = 0; i < 20; ++i) {
            clients.push_back(api.client());
            clients.back()->send("POST " + QByteArray(kPath) + "/keys HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " +
                                 api.token() + "\r\nContent-Length: 0\r\n\r\n");
        }
        QTRY_COMPARE(api.store.queuedCalls(), std::size_t(20));
        api.store.release();
        int refused = 0;
        for (auto& client : clients) refused += client->receive().value_or(RawResponse{}).status == 409;
        QCOMPARE(refused, 5);
        QCOMPARE(api.request("GET", kPath).json()["keys"].toArray().size(), 16);
    }
    void aRestartKeepsStreamsAndTokens() {
        ShowFixture api;
        QVERIFY(api.startWithShow());
        const QByteArray token = api.token();
        api.server.reset();
        api.plane.apply(std::make_shared<stream::Policy>());
        QVERIFY(api.start());
        QCOMPARE(api.token(), token);
        QCOMPARE(api.request("GET", kPath).status, 200);
        QVERIFY(api.plane.policy()->keys.contains(control::digestOf(api.key().toStdString())));
    }
    void aServerThatEndsWithWritesUnderWayCancelsThem() {
        ShowFixture api;
        QVERIFY(api.startWithShow());
        api.store.hold();
        auto client = api.client();
        client->send("DELETE " + QByteArray(kPath) + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + api.token() +
                     "\r\n\r\n");
        QTRY_VERIFY(api.store.queuedCalls() > 0);
        const QFuture<void> down = api.server->shutDown(std::chrono::milliseconds(20));
        QTRY_VERIFY(down.isFinished());
        api.server.reset();
        api.store.release();
    }
};
LIVE_TEST(StreamWritesTest)

#include "stream_writes_test.moc"
