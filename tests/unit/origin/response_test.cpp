#include "tests/support/test_main.h"

#include "server/origin/io/http_date.h"
#include "server/origin/response.h"

using namespace live;
using namespace live::origin;

class ResponseTest : public QObject {
    Q_OBJECT
private slots:
    void textIsSentInTheCodingThatIsAccepted() {
        const StaticText text({Buffer::copyOf(std::string_view("hello")), Buffer::copyOf(std::string_view("gz"))},
                              "text/css", "no-cache");
        const ResponsePtr plain = text.answer(false, {}), gzip = text.answer(true, {});
        QCOMPARE(plain->bodyBytes, 5u);
        QCOMPARE(gzip->bodyBytes, 2u);
        QVERIFY(asText(gzip->head.view()).contains("Content-Encoding: gzip\r\n"));
        QVERIFY(asText(plain->head.view()).contains("Vary: Accept-Encoding\r\n"));
    }
    void aPageIsOnlyWhatItsTypeSays() {
        const StaticText text({Buffer::copyOf(std::string_view("hello")), {}}, "text/css", "no-cache");
        QVERIFY(asText(text.answer(false, {})->head.view()).contains("X-Content-Type-Options: nosniff\r\n"));
    }
    void anUnchangedTextIsNotSentAgain() {
        const StaticText text({Buffer::copyOf(std::string_view("hello")), {}}, "text/css", "no-cache");
        const ResponsePtr first = text.answer(true, {});
        const std::string_view head = asText(first->head.view());
        const std::size_t start = head.find("ETag: ") + 6;
        const std::string tag(head.substr(start, head.find("\r\n", start) - start));
        const ResponsePtr second = text.answer(true, tag);
        QVERIFY(second->status == 304 && second->body.empty());
        QCOMPARE(text.answer(true, "\"other\"")->status, 200);
    }
    void tagsAreComparedWeakly() {
        QVERIFY(matchesTag("*", "\"a\"") && matchesTag("\"b\" , W/\"a\"", "\"a\""));
        QVERIFY(!matchesTag("", "\"a\"") && !matchesTag("a", "\"a\"") && !matchesTag("\"ab\"", "\"a\""));
    }
    void theDateIsWrittenAsHttpWantsIt() {
        io::HttpDate date;
        QCOMPARE(date.field(UnixTime(Seconds(1'782'813'624))), "Date: Tue, 30 Jun 2026 10:00:24 GMT\r\n");
        QCOMPARE(date.field(UnixTime(Milliseconds(1'782'813'625'999))), "Date: Tue, 30 Jun 2026 10:00:25 GMT\r\n");
    }
    void errorsSayWhyAndAreNotCached() {
        const auto has = [](int status, const char* field) {
            return asText(makeError(status, "because")->head.view()).contains(field);
        };
        QVERIFY(has(503, "Retry-After: 1\r\n") && has(405, "Allow: GET, HEAD, OPTIONS\r\n"));
        QVERIFY(has(404, "Live-Reason: because\r\n") && has(404, "Cache-Control: no-store\r\n"));
        QVERIFY(has(404, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n"));
    }
};
LIVE_TEST(ResponseTest)

#include "response_test.moc"
