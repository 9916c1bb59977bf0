#include "tests/support/test_main.h"

#include <array>

#include "common/config/url.h"

using namespace live;
using namespace live::config;

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

#include "url_test.moc"
