#include "tests/support/test_main.h"

#include <QJsonArray>

#include "server/catalog/sqlite_store.h"
#include "tests/integration/control/api_fixture.h"

using namespace live;

namespace {

// The API on the stored catalog; may be started over and over on the same directory.
struct StoredApi {
    SystemClock clock;
    test::FakeLivePlane plane{clock};
    QTemporaryDir directory;
    std::unique_ptr<catalog::Store> store;
    std::unique_ptr<control::ApiServer> server;

    bool restart() {
        server.reset();
        store.reset();
        const std::filesystem::path path = directory.path().toStdString();
        auto opened = catalog::openSqlite(path / "catalog.db");
        if (!opened) return false;
        store = std::move(*opened);
        auto created = control::ApiServer::create({.store = *store,
                                                   .plane = plane,
                                                   .clock = clock,
                                                   .stateDirectory = path,
                                                   .urls = {.rtmp = "rtmp://media.test", .http = "http://media.test"},
                                                   .listening = test::loopbackSocket(),
                                                   .metrics = [] { return std::string(); },
                                                   .readiness = [] { return control::ReadyReport{}; }});
        if (!created) return false;
        server = std::move(*created);
        const bool isStarted = test::waited(server->start()).has_value();
        server->open();
        return isStarted;
    }

    test::RawResponse request(const QByteArray& method, const QByteArray& target, const QByteArray& body = {}) const {
        QFile file(directory.filePath("admin.token"));
        if (!file.open(QIODevice::ReadOnly)) return {};
        test::RawHttpClient client(server->endpoint());
        client.token = file.readAll().trimmed();
        return client.request(method, target, body).value_or(test::RawResponse{});
    }
};

}  // namespace

class StoredCatalogTest : public QObject {
    Q_OBJECT
private slots:
    void whatWasWrittenIsThereAfterARestart() {
        StoredApi api;
        QVERIFY(api.restart());
        const QByteArray path = "/api/v1/streams/show";
        QCOMPARE(
            api.request("POST", "/api/v1/streams", R"({"name":"Show","id":"show","ladder":[{"height":720}]})").status,
            201);
        QCOMPARE(api.request("POST", path + "/keys").status, 201);
        QCOMPARE(api.request("PATCH", path, R"({"name":"Late","window_s":60})").status, 200);
        const QJsonObject before = api.request("GET", path).json();
        QCOMPARE(before["keys"].toArray().size(), 2);
        QVERIFY(api.restart());
        QCOMPARE(api.request("GET", path).json(), before);
        QCOMPARE(api.plane.policy()->keys.size(), std::size_t(2));
    }
    void anIdIsNotGivenAgainAfterARestart() {
        StoredApi api;
        QVERIFY(api.restart());
        QCOMPARE(api.request("POST", "/api/v1/streams", R"({"name":"Show","id":"show"})").status, 201);
        QCOMPARE(api.request("DELETE", "/api/v1/streams/show").status, 204);
        QVERIFY(api.restart());
        QCOMPARE(api.request("GET", "/api/v1/streams/show").status, 404);
        QCOMPARE(api.request("POST", "/api/v1/streams", R"({"name":"Show","id":"show"})").status, 409);
    }
    void aRevokedKeyStaysRevoked() {
        StoredApi api;
        QVERIFY(api.restart());
        const auto created = api.request("POST", "/api/v1/streams", R"({"name":"Show","id":"show"})").json();
        const QByteArray key = "/api/v1/streams/show/keys/" + created["keys"][0]["id"].toString().toUtf8();
        QCOMPARE(api.request("DELETE", key).status, 204);
        QCOMPARE(api.request("DELETE", key).status, 404);
        QVERIFY(api.restart());
        QVERIFY(api.plane.policy()->keys.empty());
    }
};
LIVE_TEST(StoredCatalogTest)

#include "catalog_test.moc"
