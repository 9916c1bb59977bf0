#include "tests/support/test_main.h"

#include "server/ingest/rtmp/publish_target.h"

using namespace live::ingest::rtmp;

class PublishTargetTest : public QObject {
    Q_OBJECT
private slots:
    void theKeyIsFoundWhereEncodersPutIt_data() {
        QTest::addColumn<std::string>("app");
        QTest::addColumn<std::string>("tcUrl");
        QTest::addColumn<std::string>("name");
        QTest::addColumn<std::string>("application");
        QTest::addColumn<std::string>("key");
        const auto row = [](const char* title, std::string app, std::string tcUrl, std::string name,
                            std::string application,
                            std::string key) { QTest::newRow(title) << app << tcUrl << name << application << key; };
        row("as the name", "live", "rtmp://h/live", "k1", "live", "k1");
        row("app is an application too", "app", "rtmp://h/app", "k1", "app", "k1");
        row("with slashes around", "/live/", "rtmp://h/live/", "/k1/", "live", "k1");
        row("other queries are not the key", "live", "rtmp://h/live", "k1?token=x", "live", "k1");
        row("in the name's query", "live", "rtmp://h/live", "show?a=b&key=k2", "live", "k2");
        row("in the application's query", "live?key=k3", "rtmp://h/live", "show", "live", "k3");
        row("in the URL's query", "live", "rtmp://h/live?key=k4&x=y", "show", "live", "k4");
        row("in the application's path", "live/k5", "rtmp://h/live/k5", "", "live", "k5");
        row("percent-coded in a query", "live", "", "?key=a%2Fb%zz", "live", "a/b%zz");
        row("a name wins over a path", "live/instance", "", "k6", "live", "k6");
        row("none", "live", "rtmp://h/live", "", "live", "");
        row("too long", "live", "", std::string(513, 'k'), "live", "");
        row("no application", "", "", "k", "", "k");
    }
    void theKeyIsFoundWhereEncodersPutIt() {
        QFETCH(std::string, app);
        QFETCH(std::string, tcUrl);
        QFETCH(std::string, name);
        QFETCH(std::string, application);
        QFETCH(std::string, key);
        const ConnectTarget target = parseConnectTarget(app, tcUrl);
        QCOMPARE(target.application, application);
        QCOMPARE(publishKey(name, target), key);
    }
    void onlyTwoApplicationsAreKnown() {
        QVERIFY(isKnownApplication("live") && isKnownApplication("app"));
        for (const char* other : {"", "Live", "live2", "vod"}) QVERIFY(!isKnownApplication(other));
    }
};
LIVE_TEST(PublishTargetTest)

#include "publish_target_test.moc"
