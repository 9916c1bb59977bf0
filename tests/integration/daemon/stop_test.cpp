#include "tests/support/test_main.h"

#include <QJsonDocument>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <fstream>

#include "server/catalog/sqlite/database.h"
#include "server/catalog/sqlite_store.h"
#include "server/daemon/daemon.h"
#include "tests/support/raw_http_client.h"

using namespace live;

namespace {

const StreamId kShow = *StreamId::parse("show");

// A server on ports of its own, with one stream that is held for ten minutes.
class HeldServer {
public:
    HeldServer() {
        std::ofstream(folder() / "watch.html") << "<!doctype html>";
        auto store = catalog::openSqlite(catalogPath()).value();
        store->createStream({.id = kShow, .name = "Show"}, [](const auto& done) { LIVE_ASSERT(done); });
        store->holdStream(kShow, SystemClock().unix() + Seconds(600), [](const auto& done) { LIVE_ASSERT(done); });
    }
    bool start() {
        daemon::ServerConfig config{.stateDir = folder()};
        for (net::Endpoint* listen : {&config.rtmp.listen, &config.http.listen, &config.api.listen})
            *listen = {"127.0.0.1", 0};
        config.catalog.path = catalogPath();
        auto made = daemon::Daemon::create(config, {.worker = "/bin/false", .player = folder()}, {},
                                           log::Logger(m_logged, log::Level::Info, m_clock));
        if (!made) return false;
        server = std::move(*made);
        server->start();
        return QTest::qWaitFor([this] { return !endpoint("api").empty(); });
    }
    // "127.0.0.1:8081", once it is ready.
    std::string endpoint(const char* name) const {
        for (const std::string& line : m_logged->lines())
            if (line.contains("server.ready"))
                return QJsonDocument::fromJson(QByteArray::fromStdString(line))[name].toString().toStdString();
        return {};
    }
    // The status; 0 if nobody answers.
    int request(const char* name, const QByteArray& method, const QByteArray& path, const QByteArray& body = {}) const {
        QFile token(m_directory.filePath("admin.token"));
        LIVE_ASSERT(token.open(QIODevice::ReadOnly));
        test::RawHttpClient client(endpoint(name));
        client.token = token.readAll().trimmed();
        return client.request(method, path, body).value_or(test::RawResponse{}).status;
    }
    UnixTime storedHold() const {
        UnixTime held{};
        catalog::openSqlite(catalogPath()).value()->allStreams([&held](const auto& streams) {
            held = streams->front().heldUntil;
        });
        return held;
    }
    std::filesystem::path catalogPath() const { return folder() / "catalog.db"; }

    std::unique_ptr<daemon::Daemon> server;

private:
    std::filesystem::path folder() const { return m_directory.path().toStdString(); }

    QTemporaryDir m_directory;
    SystemClock m_clock;
    std::shared_ptr<log::MemoryOutput> m_logged = std::make_shared<log::MemoryOutput>();
};

}  // namespace

class StopTest : public QObject {
    Q_OBJECT
private slots:
    void everybodyIsServedWhileALockedCatalogGetsItsLastChance() {
        HeldServer held;
        QVERIFY(held.start());
        auto other = catalog::sqlite::Database::open(held.catalogPath()).value();
        QVERIFY(other.execute("BEGIN EXCLUSIVE"));
        QCOMPARE(held.request("api", "POST", "/api/v1/streams/show/stop", "{\"hold_s\":0}"), 503);
        QSignalSpy finished(held.server.get(), &daemon::Daemon::finished);
        held.server->stop();
        QCOMPARE(held.request("http", "GET", "/live/show/master.m3u8"), 404);
        QCOMPARE(held.request("api", "GET", "/healthz"), 200);
        QCOMPARE(held.request("api", "GET", "/readyz"), 503);
        QVERIFY(finished.isEmpty());
        QVERIFY(other.execute("ROLLBACK"));
        QTRY_COMPARE(finished.size(), 1);
        held.server.reset();
        QVERIFY(held.storedHold() == UnixTime{});
    }
};
LIVE_TEST(StopTest)

#include "stop_test.moc"
