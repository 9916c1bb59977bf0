#include "tests/support/test_main.h"

#include <QFile>
#include <QStringList>
#include <QTemporaryDir>
#include <set>

#include "common/config/toml.h"
#include "server/daemon/server_config.h"

using namespace live;
using namespace live::daemon;

namespace {
using Loaded = std::expected<LoadedConfig, config::Errors>;

const std::vector<std::string> kEnvironment{"HOME=/home/x"};

Loaded loadedWith(std::vector<std::string> assignments) {
    return loadConfig({"", kEnvironment, std::move(assignments)});
}

QStringList errorsOf(const Loaded& loaded) {
    QStringList lines;
    if (!loaded) {
        for (const Error& error : loaded.error()) lines << QString::fromStdString(error.describe());
    }
    return lines;
}

std::string sampleText() {
    QFile file(SAMPLE_CONFIG);
    return file.open(QIODevice::ReadOnly) ? file.readAll().toStdString() : std::string();
}

// "section.key" of everything in the sample.
std::set<std::string> keysOf(const config::Value::Table& table, const std::string& prefix = "") {
    std::set<std::string> keys;
    for (const config::Entry& entry : table) {
        if (const auto* inner = std::get_if<config::Value::Table>(&entry.value.data)) {
            keys.merge(keysOf(*inner, prefix + entry.key + "."));
        } else {
            keys.insert(prefix + entry.key);
        }
    }
    return keys;
}

// The values without what they come from.
QStringList valuesOf(const LoadedConfig& loaded) {
    QStringList lines;
    for (const QString& line : QString::fromStdString(loaded.effective).split('\n'))
        lines << line.section("  # ", 0, 0);
    return lines;
}
}  // namespace

class ServerConfigTest : public QObject {
    Q_OBJECT

    QTemporaryDir m_directory;

    std::string written(const std::string& text) const {
        QFile file(m_directory.filePath("c.toml"));
        return file.open(QIODevice::WriteOnly) && file.write(QByteArray::fromStdString(text)) >= 0
                   ? file.fileName().toStdString()
                   : std::string();
    }

private slots:
    void theSampleHoldsTheDefaults() {
        const Loaded sample = loadConfig({SAMPLE_CONFIG, kEnvironment, {}});
        QCOMPARE(errorsOf(sample), QStringList());
        QCOMPARE(valuesOf(*sample), valuesOf(*loadedWith({})));
    }
    void theSampleNamesEveryKeyAndNoOther() {
        const auto table = config::parseToml(sampleText());
        QVERIFY(table);
        ServerConfig config;
        const std::vector<std::string> keys = schemaOf(config).keys();
        QCOMPARE(keysOf(*table), std::set<std::string>(keys.begin(), keys.end()));
    }
    void everyKeyIsDescribed() {
        ServerConfig config;
        const config::Schema schema = schemaOf(config);
        for (const std::string& key : schema.keys()) QVERIFY2(!schema.description(key).empty(), key.c_str());
    }
    void theDefaultsAreTheDocumentedPortsAndTimes() {
        const Loaded loaded = loadedWith({});
        QVERIFY(loaded);
        const ServerConfig& config = loaded->config;
        QCOMPARE(config.rtmp.listen.text(), std::string("0.0.0.0:1935"));
        QCOMPARE(config.http.listen.text(), std::string("0.0.0.0:8080"));
        QCOMPARE(config.api.listen.text(), std::string("127.0.0.1:8081"));
        QVERIFY(!config.api.insecure);
        QVERIFY(config.ingest.endGrace == Seconds(5) && config.ingest.reconnectWindow == Seconds(60));
        QVERIFY(config.input.delay == Milliseconds(200));
        QVERIFY(config.broadcast.ladder == defaultLadder());
        QCOMPARE(config.stateDir, std::filesystem::path("/home/x/.local/state/liveserver"));
        QCOMPARE(config.catalog.path, std::filesystem::path("/home/x/.local/state/liveserver/catalog.db"));
    }
    void everyKeyReachesItsMember() {
        const Loaded loaded = loadConfig(
            {written("state_dir = '/s'\n"
                     "[rtmp]\nlisten = '[::1]:1'\nmax_connections = 2\nrefusals_per_minute = 3\n[http]\nlisten = "
                     "'127.0.0.1:3'\nthreads = 4\n"
                     "max_connections = 5\n[api]\nlisten = '10.0.0.1:6'\ninsecure = true\n[public]\n"
                     "http_url = 'https://h/'\nrtmp_url = 'rtmps://r:1'\n[ingest]\nend_grace_s = 7\n"
                     "reconnect_window_s = 8\nhold_s = 9\ndead_peer_s = 10\n[input]\ndelay_ms = 11\n[broadcast]\n"
                     "segment_duration_s = 1\nlatency_profile = 'ultra'\nwindow_s = 12\n[log]\nlevel = 'debug'\n"
                     "[catalog]\npath = '/c.db'\n[[ladder]]\nheight = 360\n[[ladder]]\nheight = 720\nbitrate_bps = "
                     "1000000\n"),
             kEnvironment,
             {}});
        QCOMPARE(errorsOf(loaded), QStringList());
        const ServerConfig& c = loaded->config;
        QCOMPARE(c.stateDir, std::filesystem::path("/s"));
        QCOMPARE(c.rtmp.listen.text(), std::string("[::1]:1"));
        QCOMPARE(c.rtmp.maxConnections, 2u);
        QCOMPARE(c.rtmp.refusalsPerMinute, 3u);
        QCOMPARE(c.http.listen.port, std::uint16_t(3));
        QCOMPARE(c.http.threads, 4u);
        QCOMPARE(c.http.maxConnections, 5u);
        QCOMPARE(c.api.listen.text(), std::string("10.0.0.1:6"));
        QVERIFY(c.api.insecure);
        QCOMPARE(c.publicUrls.httpUrl, std::string("https://h"));
        QCOMPARE(c.publicUrls.rtmpUrl, std::string("rtmps://r:1"));
        QVERIFY(c.ingest.endGrace == Seconds(7) && c.ingest.reconnectWindow == Seconds(8));
        QVERIFY(c.ingest.hold == Seconds(9) && c.ingest.deadPeer == Seconds(10));
        QVERIFY(c.input.delay == Milliseconds(11));
        QVERIFY(c.broadcast.segmentDuration == Seconds(1) && c.broadcast.window == Seconds(12));
        QVERIFY(c.broadcast.latencyProfile == LatencyProfile::Ultra);
        QVERIFY(c.broadcast.ladder == Ladder({{720, 1'000'000}, {360, 700'000}}));
        QVERIFY(c.log.level == log::Level::Debug);
        QCOMPARE(c.catalog.path, std::filesystem::path("/c.db"));
    }
    void theApiStaysOnLoopbackUnlessToldOtherwise() {
        const QStringList errors = errorsOf(loadedWith({"api.listen=0.0.0.0:8081"}));
        QCOMPARE(errors.size(), 1);
        QVERIFY2(errors[0].startsWith("--set: api.listen: '0.0.0.0:8081' is reachable from other machines") &&
                     errors[0].contains("api.insecure = true"),
                 qPrintable(errors[0]));
        QVERIFY(loadedWith({"api.listen=0.0.0.0:8081", "api.insecure=true"}));
        QVERIFY(loadedWith({"api.listen=[::1]:8081"}));
    }
    // Ingest URLs made of it were refused by the server itself, which knows one application.
    void anIngestAddressWithAPathIsRefused() {
        for (const std::string path : {"/app", "/live/x"})
            QCOMPARE(errorsOf(loadedWith({"public.rtmp_url=rtmp://h:1935" + path})),
                     QStringList("--set: public.rtmp_url: has a path, and broadcasters publish to /live of the host; "
                                 "accepted: a URL like \"rtmp://host:port\", or \"\""));
        QVERIFY(loadedWith({"public.rtmp_url=rtmp://h:1935/", "public.http_url=http://h/path"}));
    }
    void variablesOfAServiceNamedLiveserverAreLeftAlone() {
        QVERIFY(loadConfig({"",
                            {"HOME=/home/x", "LIVESERVER_SERVICE_HOST=10.0.0.1", "LIVESERVER_SERVICE_PORT=1935",
                             "LIVESERVER_PORT=tcp://10.0.0.1:1935", "LIVESERVER_PORT_1935_TCP_ADDR=10.0.0.1",
                             "LIVESERVER_HTTP_SERVICE_PORT=1", "LIVESERVER_API_PORT=tcp://10.0.0.1:1"},
                            {}}));
        QVERIFY(!loadConfig({"", {"HOME=/home/x", "LIVESERVER_RTMP_LISTEN=0.0.0.0:1936"}, {}}));
    }
    void aWindowThatIsTooShortForItsSegmentsIsRefused() {
        const QStringList errors = errorsOf(loadedWith({"broadcast.window_s=79", "broadcast.segment_duration_s=10"}));
        QCOMPARE(errors, QStringList("--set: broadcast.window_s: window_s is not from 8 segments (80 s) to 3600 s"));
        QVERIFY(loadedWith({"broadcast.window_s=80", "broadcast.segment_duration_s=10"}));
    }
    void listenersThatKeepEachOtherOutAreRefusedByName() {
        const std::string file = written("[rtmp]\nlisten = '127.0.0.1:8080'\n");
        QCOMPARE(errorsOf(loadConfig({file, kEnvironment, {}})),
                 QStringList(QString::fromStdString(file) +
                             ":2:10: rtmp.listen: '127.0.0.1:8080' leaves no room for http.listen = '0.0.0.0:8080'; "
                             "accepted: another port"));
        QCOMPARE(errorsOf(loadedWith({"rtmp.listen=127.0.0.1:7000", "http.listen=127.0.0.1:7000"})),
                 QStringList("--set: http.listen: '127.0.0.1:7000' leaves no room for rtmp.listen = '127.0.0.1:7000'; "
                             "accepted: another port"));
        QVERIFY(loadedWith({"rtmp.listen=127.0.0.1:0", "http.listen=127.0.0.1:0", "api.listen=127.0.0.1:0"}));
        QVERIFY(loadedWith({"rtmp.listen=127.0.0.1:7000", "http.listen=127.0.0.2:7000"}));
    }
    void whatIsWrongTogetherIsToldBesideWhatIsWrongAlone() {
        QCOMPARE(errorsOf(loadedWith({"broadcast.latency_profile=lo", "broadcast.window_s=3", "api.listen=10.0.0.1:1"}))
                     .size(),
                 3);
        // Not about a value that nobody wrote.
        QCOMPARE(errorsOf(loadedWith({"broadcast.segment_duration_s=11", "broadcast.window_s=12"})).size(), 1);
        QCOMPARE(
            errorsOf(loadedWith({"broadcast.window_s=20", "broadcast.window_s=x", "broadcast.segment_duration_s=9"}))
                .size(),
            1);
        for (const char* refused : {"rtmp.listen=x", "rtmp.lisen=127.0.0.1:1"}) {
            QCOMPARE(errorsOf(loadedWith({"rtmp.listen=0.0.0.0:8080", refused})).size(), 1);
            QCOMPARE(errorsOf(loadedWith({"http.listen=0.0.0.0:1935", refused})).size(), 1);
        }
        const std::string variable = "LIVESERVER_RTMP_LISTEN=0.0.0.0:1";
        QCOMPARE(errorsOf(loadConfig({"", {"HOME=/home/x", variable}, {"http.listen=0.0.0.0:1935"}})).size(), 1);
        QCOMPARE(errorsOf(loadedWith({"api.listen=10.0.0.1:1", "api.listen=x"})).size(), 1);
        // Too short for segments of any length.
        QCOMPARE(errorsOf(loadedWith({"broadcast.segment_duration_s=11", "broadcast.window_s=7"})).size(), 2);
        QCOMPARE(errorsOf(loadedWith({"api.insecure=yes", "api.listen=10.0.0.1:1"})).size(), 1);
        const std::string broken = written("[api]\ninsecure = true\n[\n");
        QCOMPARE(errorsOf(loadConfig({broken, kEnvironment, {"api.listen=10.0.0.1:1"}})).size(), 1);
        QCOMPARE(errorsOf(loadedWith({"broadcast.window_s=\"open", "broadcast.segment_duration_s=10"})).size(), 1);
    }
    void mistakesInTheLadderNameTheRung() {
        const std::string file =
            written("[[ladder]]\nheight = 720\n[[ladder]]\nheigth = 480\n[[ladder]]\nheight = '1'\n");
        const std::string accepted =
            "; accepted: 1 to 8 tables with height (even, 160 to 2160) and bitrate_bps (50000 to 100000000, or 0 for "
            "the "
            "height's own)";
        const auto line = [&](const char* text) { return QString::fromStdString(file + text + accepted); };
        QCOMPARE(errorsOf(loadConfig({file, kEnvironment, {}})),
                 QStringList({line(":4:1: ladder[1].heigth: is not a key"), line(":3:1: ladder[1]: has no height"),
                              line(":6:10: ladder[2].height: is a string")}));
        written(
            "[[ladder]]\nheight = 721\nbitrate = 5\n[[ladder]]\nheight = 360\nbitrate_bps = 1\n[[ladder]]\nheight = "
            "360\n");
        QCOMPARE(errorsOf(loadConfig({file, kEnvironment, {}})),
                 QStringList({line(":2:10: ladder[0].height: height 721 is not an even number from 160 to 2160"),
                              line(":3:1: ladder[0].bitrate: is not a key"),
                              line(":6:15: ladder[1].bitrate_bps: bitrate_bps 1 is not from 50000 to 100000000"),
                              line(":7:1: ladder[2]: has the height of another rung")}));
    }
    void laddersThatCanNotBeEncodedAreRefused() {
        for (const char* ladder : {"[]", "[{height = 721}]", "[{height = 100}]", "[{height = 720}, {height = 720}]",
                                   "5", "[5]", "[{height = 720, bitrate_bps = 1}]", "[{height = -720}]", "[[]]",
                                   "[{height = 9223372036854775807}]", "word"})
            QVERIFY2(!loadedWith({std::string("ladder=") + ladder}), ladder);
        std::string nine = "[";
        for (int i = 0; i < 9; ++i) nine += "{height = " + std::to_string(200 + 2 * i) + "},";
        QVERIFY(!loadedWith({"ladder=" + nine + "]"}));
        QVERIFY(loadedWith({"ladder=[{height=720}]"})->config.broadcast.ladder == Ladder({{720, 2'800'000}}));
    }
    void filesThatCanNotBeReadAreNamed() {
        const std::string missing = m_directory.filePath("missing.toml").toStdString();
        QCOMPARE(errorsOf(loadConfig({missing, kEnvironment, {}})),
                 QStringList(QString::fromStdString(missing) + ": can't be read: No such file or directory"));
        const std::string directory = m_directory.path().toStdString();
        QCOMPARE(errorsOf(loadConfig({directory, kEnvironment, {}})),
                 QStringList(QString::fromStdString(directory) + ": is a directory, not a file"));
        QVERIFY(!loadConfig({written(std::string(300 * 1024, '\n')), kEnvironment, {}}));
    }
    void theStateDirectoryFollowsTheXdgSpecification() {
        QCOMPARE(defaultStateDir({"XDG_STATE_HOME=/x", "HOME=/h"}).value(), std::filesystem::path("/x/liveserver"));
        QCOMPARE(defaultStateDir({"XDG_STATE_HOME=relative", "HOME=/h"}).value(),
                 std::filesystem::path("/h/.local/state/liveserver"));
        QVERIFY(!defaultStateDir({"PATH=/bin"}));
        const QStringList errors = errorsOf(loadConfig({"", {}, {}}));
        QCOMPARE(errors.size(), 1);
        QVERIFY(errors[0].contains("--state-dir"));
        QVERIFY(loadConfig({"", {}, {"state_dir=/s"}}));
    }
    void publicAddressesAreConfiguredOrMadeOfTheListener() {
        ServerConfig config;
        QCOMPARE(publicHttpUrl(config, {"0.0.0.0", 4711}), std::string("http://127.0.0.1:4711"));
        QCOMPARE(publicHttpUrl(config, {"::", 80}), std::string("http://[::1]:80"));
        QCOMPARE(publicRtmpUrl(config, {"10.0.0.1", 1935}), std::string("rtmp://10.0.0.1:1935"));
        config.publicUrls.httpUrl = "https://live.example.com";
        config.publicUrls.rtmpUrl = "rtmp://in.example.com";
        QCOMPARE(publicHttpUrl(config, {"0.0.0.0", 1}), std::string("https://live.example.com"));
        QCOMPARE(publicRtmpUrl(config, {"0.0.0.0", 1}), std::string("rtmp://in.example.com"));
    }
    void itIsKnownWhetherSomebodySetHowManyConnectionsThereAre() {
        QVERIFY(!loadedWith({"http.threads=2"})->asksForConnections);
        QVERIFY(loadedWith({"http.max_connections=50000"})->asksForConnections);
        QVERIFY(loadedWith({"rtmp.max_connections=2000"})->asksForConnections);
    }
    void whatIsPrintedReadsBackTheSame() {
        const Loaded first = loadedWith({"state_dir=/a\"b", "ladder=[{height=480}]", "broadcast.window_s=40"});
        QVERIFY(first);
        const Loaded again = loadConfig({written(first->effective), kEnvironment, {}});
        QCOMPARE(errorsOf(again), QStringList());
        QCOMPARE(valuesOf(*again), valuesOf(*first));
    }
};
LIVE_TEST(ServerConfigTest)

#include "server_config_test.moc"
