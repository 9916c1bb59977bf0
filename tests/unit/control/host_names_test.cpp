#include "tests/support/test_main.h"

#include "server/control/host_names.h"

using namespace live;
using live::control::hostOf;
using live::control::isOwnHost;

class HostNamesTest : public QObject {
    Q_OBJECT
private slots:
    void theHostIsFoundInUrlsAndHostFields() {
        QCOMPARE(hostOf("https://Media.example.org:8443/live"), std::string("media.example.org"));
        QCOMPARE(hostOf("rtmp://media.example.org"), std::string("media.example.org"));
        QCOMPARE(hostOf("localhost:8081"), std::string("localhost"));
        QCOMPARE(hostOf("[::1]:8081"), std::string("::1"));
        QCOMPARE(hostOf("[::1"), std::string());
        QCOMPARE(hostOf("http://"), std::string());
    }
    void addressesLocalhostAndOwnNamesAreOurs() {
        const std::vector<std::string> names{"media.example.org"};
        for (std::string_view host :
             {"127.0.0.1:8081", "10.1.2.3", "[::1]:8081", "localhost", "LocalHost:80", "Media.example.org:8081"})
            QVERIFY2(isOwnHost(host, names), host.data());
    }
    void anotherNameIsNotOursWhereverItLeads() {
        for (std::string_view host : {"evil.example", "evil.example:8081", "127.0.0.1.evil.example", "localhost.evil",
                                      "media.example.org.evil", "", ":8081", "[::1", "[]"})
            QVERIFY2(!isOwnHost(host, {"media.example.org"}), host.data());
    }
};
LIVE_TEST(HostNamesTest)

#include "host_names_test.moc"
