#include "tests/support/test_main.h"

#include "common/net/endpoint.h"

using namespace live;
using namespace live::net;

class EndpointTest : public QObject {
    Q_OBJECT
private slots:
    void addressesOfBothFamiliesAreReadAndWrittenBack() {
        for (const char* text : {"0.0.0.0:1935", "127.0.0.1:0", "[::1]:8080", "[::]:65535", "[fe80::1]:1"}) {
            const auto endpoint = parseEndpoint(text);
            QVERIFY2(endpoint, text);
            QCOMPARE(endpoint->text(), std::string(text));
        }
        QCOMPARE(parseEndpoint("[::1]:8080")->address, std::string("::1"));
    }
    void everythingElseIsRefusedWithAReason() {
        for (const char* text : {"",
                                 ":",
                                 "1935",
                                 ":1935",
                                 "127.0.0.1",
                                 "127.0.0.1:",
                                 "127.0.0.1:65536",
                                 "127.0.0.1:-1",
                                 "127.0.0.1:+1",
                                 "127.0.0.1: 1",
                                 "127.0.0.1:1 ",
                                 "127.0.0.1:0x50",
                                 "256.0.0.1:1",
                                 "1.2.3:1",
                                 "localhost:1",
                                 "*:1",
                                 "[::1]",
                                 "[::1:8080",
                                 "::1]:8080",
                                 "[]:1",
                                 "[127.0.0.1]:1",
                                 "[::g]:1",
                                 "[[::1]]:1"})
            QVERIFY2(!parseEndpoint(text), text);
        QVERIFY(!parseEndpoint(std::string_view("127.0.0.1\0x:1", 13)));
        QCOMPARE(parseEndpoint("::1:8080").error().message,
                 std::string("'::1:8080' has an IPv6 address without brackets"));
    }
    void loopbackAndWildcardAreKnownInAllSpellings() {
        for (const char* text : {"127.0.0.1:1", "127.9.9.9:1", "[::1]:1", "[::ffff:127.0.0.1]:1", "[0:0::1]:1"})
            QVERIFY2(parseEndpoint(text)->isLoopback(), text);
        for (const char* text : {"0.0.0.0:1", "10.0.0.1:1", "[::]:1", "[::ffff:10.0.0.1]:1", "128.0.0.1:1"})
            QVERIFY2(!parseEndpoint(text)->isLoopback(), text);
        for (const char* text : {"0.0.0.0:1", "[::]:1", "[0::0]:1"}) QVERIFY2(parseEndpoint(text)->isWildcard(), text);
        QVERIFY(!parseEndpoint("127.0.0.1:1")->isWildcard());
    }
    void whatKeepsAnotherFromListeningOverlapsWithIt() {
        const auto overlap = [](const char* one, const char* other) {
            const Endpoint a = *parseEndpoint(one), b = *parseEndpoint(other);
            return a.overlaps(b) && b.overlaps(a);
        };
        QVERIFY(overlap("127.0.0.1:1", "127.0.0.1:1"));
        QVERIFY(overlap("0.0.0.0:1", "127.0.0.1:1"));
        QVERIFY(overlap("[::]:1", "127.0.0.1:1"));
        QVERIFY(overlap("[::]:1", "[::1]:1"));
        QVERIFY(overlap("[0:0::1]:1", "[::1]:1"));
        QVERIFY(overlap("[::ffff:127.0.0.1]:1", "127.0.0.1:1"));
        QVERIFY(overlap("0.0.0.0:1", "[::ffff:127.0.0.1]:1"));
        QVERIFY(!overlap("127.0.0.1:1", "127.0.0.1:2"));
        QVERIFY(!overlap("127.0.0.1:1", "127.0.0.2:1"));
        QVERIFY(!overlap("0.0.0.0:1", "[::1]:1"));
        QVERIFY(!overlap("[::1]:1", "127.0.0.1:1"));
        QVERIFY(!overlap("0.0.0.0:0", "0.0.0.0:0"));
    }
};
LIVE_TEST(EndpointTest)

#include "endpoint_test.moc"
