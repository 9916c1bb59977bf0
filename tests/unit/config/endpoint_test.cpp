#include "tests/support/test_main.h"

#include <array>

#include "common/config/endpoint.h"
#include "common/config/url.h"

using namespace live;
using namespace live::config;

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
};
LIVE_TEST(EndpointTest)

class UrlTest : public QObject {
    Q_OBJECT
    static Result<std::string> web(std::string_view text) {
        static constexpr std::array<std::string_view, 2> kSchemes{"http", "https"};
        return parseBaseUrl(text, kSchemes);
    }
private slots:
    void aBaseUrlLosesTheSlashesAtItsEnd() {
        QCOMPARE(web("https://live.example.com/").value(), std::string("https://live.example.com"));
        QCOMPARE(web("http://[::1]:8080//").value(), std::string("http://[::1]:8080"));
        QCOMPARE(web("http://10.0.0.1:8080/a/b%20/").value(), std::string("http://10.0.0.1:8080/a/b%20"));
    }
    void whatIsNoBaseUrlIsRefused() {
        for (const char* text : {"",           "live.example.com", "ftp://x",        "HTTP:/x",        "http://",
                                 "http:///x",  "http://x:",        "http://x:0",     "http://x:65536", "http://x:y",
                                 "http://a b", "http://x/?q",      "http://x/#f",    "http://x/a b",   "http://x/\"",
                                 "http://ü",   "http://[::1",      "http://[::g]:1", "http://-x",      "javascript://x",
                                 "http://x\n"})
            QVERIFY2(!web(text), text);
    }
    void aUserNameIsRefusedAndNotRepeated() {
        const auto refused = web("http://admin:hunter2@host");
        QVERIFY(!refused);
        QVERIFY(refused.error().message.find("hunter2") == std::string::npos);
    }
};
LIVE_TEST(UrlTest)

#include "endpoint_test.moc"
