#include "tests/support/test_main.h"

#include "server/daemon/descriptor_limit.h"

using namespace live;
using namespace live::daemon;

class DescriptorLimitTest : public QObject {
    Q_OBJECT
private slots:
    void whatFitsIsLeftAlone() {
        ServerConfig config;
        QVERIFY(!fitConnections(config, 1'000'000));
        QCOMPARE(config.http.maxConnections, 50'000u);
        QCOMPARE(config.rtmp.maxConnections, 2000u);
    }
    void viewersGetWhatIsLeftByPublishersAndEverythingElse() {
        ServerConfig config;
        QVERIFY(fitConnections(config, 20'000));
        QCOMPARE(config.rtmp.maxConnections, 2000u);
        QCOMPARE(config.http.maxConnections, 20'000u - 768 - 2000);
    }
    void aSmallLimitIsShared() {
        ServerConfig config;
        QVERIFY(fitConnections(config, 1024));
        QCOMPARE(config.rtmp.maxConnections, 64u);
        QCOMPARE(config.http.maxConnections, 192u);
    }
    void anAbsurdlySmallOneLeavesSomethingToEach() {
        ServerConfig config;
        QVERIFY(fitConnections(config, 20));
        QVERIFY(config.rtmp.maxConnections > 0 && config.http.maxConnections > 0);
    }
};
LIVE_TEST(DescriptorLimitTest)

#include "descriptor_limit_test.moc"
