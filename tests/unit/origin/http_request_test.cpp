#include "tests/support/test_main.h"

#include "server/origin/http_request.h"

using namespace live::origin;

namespace {
// The status of a refusal, 0 for "more", 200 for a complete head.
int statusOf(const std::string& bytes) {
    RequestParser parser;
    const auto outcome = parser.parse(bytes);
    if (const auto* refused = std::get_if<RequestParser::Refused>(&outcome)) return refused->status;
    return std::holds_alternative<RequestParser::Complete>(outcome) ? 200 : 0;
}

std::string get(const std::string& target, const std::string& fields = "Host: x\r\n") {
    return "GET " + target + " HTTP/1.1\r\n" + fields + "\r\n";
}

RequestParser::Complete parsed(const std::string& bytes) {
    RequestParser parser;
    const auto outcome = parser.parse(bytes);
    return std::get<RequestParser::Complete>(outcome);
}
}  // namespace

class HttpRequestTest : public QObject {
    Q_OBJECT
private slots:
    void aPlayersRequestIsReadWhole() {
        const std::string bytes =
            "GET /live/demo/master.m3u8?a=b&c HTTP/1.1\r\nHost: example:8080\r\naccept-encoding: br, gzip;q=0.8\r\n"
            "Range:bytes=0-5\t\r\nIf-Range: \"x\"\r\nIf-None-Match: \"y\"\r\nCookie: \xc3\xa4\r\nEmpty:\r\n\r\nGET "
            "/next";
        const auto complete = parsed(bytes);
        QCOMPARE(complete.consumed, bytes.size() - 9);
        QVERIFY(complete.head.method == Method::Get && complete.head.keepAlive && complete.head.acceptsGzip);
        QVERIFY(complete.head.path == "/live/demo/master.m3u8");
        QVERIFY(complete.head.query == "a=b&c");
        QVERIFY(complete.head.host == "example:8080");
        QVERIFY(complete.head.range == "bytes=0-5");
        QVERIFY(complete.head.ifRange == "\"x\"" && complete.head.ifNoneMatch == "\"y\"");
    }
    void aHeadMayComeInAnyPieces() {
        const std::string bytes = "\r\n" + get("/x", "Host: x\r\nRange: bytes=1-2\r\n");
        RequestParser parser;
        for (std::size_t size = 0; size < bytes.size(); ++size)
            QVERIFY(std::holds_alternative<RequestParser::NeedMore>(parser.parse(bytes.substr(0, size))));
        const auto outcome = parser.parse(bytes);
        QCOMPARE(std::get<RequestParser::Complete>(outcome).consumed, bytes.size());
    }
    void otherMethodsAndVersionsGetTheirStatus() {
        QCOMPARE(statusOf("HEAD / HTTP/1.1\r\nHost: x\r\n\r\n"), 200);
        QCOMPARE(statusOf("OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n"), 200);
        QCOMPARE(statusOf("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000\r\n\r\n"), 405);
        QCOMPARE(statusOf("DELETE / HTTP/1.1\r\nHost: x\r\n\r\n"), 405);
        QCOMPARE(statusOf("BREW / HTTP/1.1\r\nHost: x\r\n\r\n"), 501);
        QCOMPARE(statusOf("get / HTTP/1.1\r\nHost: x\r\n\r\n"), 501);
        QCOMPARE(statusOf(std::string(40, 'M') + " / HTTP/1.1\r\nHost: x\r\n\r\n"), 501);
        QCOMPARE(statusOf("GET / HTTP/1.0\r\n\r\n"), 200);
        QVERIFY(!parsed("GET / HTTP/1.0\r\n\r\n").head.keepAlive);
        QVERIFY(!parsed(get("/", "Host: x\r\nConnection: x, Close\r\n")).head.keepAlive);
        QCOMPARE(statusOf("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), 505);
        QCOMPARE(statusOf("GET / HTTP/3.0\r\nHost: x\r\n\r\n"), 505);
    }
    void absoluteFormCarriesTheHost() {
        const std::string bytes = get("http://a.example:80/x?y", "Host: b.example\r\n");
        const auto complete = parsed(bytes);
        QVERIFY(complete.head.host == "a.example:80" && complete.head.path == "/x" && complete.head.query == "y");
        const std::string root = get("HTTP://a.example");
        QVERIFY(parsed(root).head.path == "/");
        QCOMPARE(statusOf(get("http:///x")), 400);
        QCOMPARE(statusOf(get("ftp://a/x")), 400);
    }
    void whatCouldBeReadInTwoWaysIsRefused() {
        for (const char* fields :
             {"", "Host: a\r\nHost: b\r\n", "Host: x\r\nTransfer-Encoding: chunked\r\n",
              "Host: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n", "Host: x\r\nContent-Length: 5\r\n",
              "Host: x\r\nContent-Length: 0\r\nContent-Length: 0\r\n", "Host: x\r\nContent-Length: +0\r\n",
              "Host : x\r\n", " Host: x\r\n", "Host: x\r\n folded\r\n", "Host: x\r\nno colon\r\n",
              "Host: x\r\n: empty\r\n", "Host: x\r\nA: b\x01\r\n", "Host: x\r\nA: b\rc\r\n"})
            QVERIFY2(statusOf(get("/", fields)) == 400, fields);
        QCOMPARE(statusOf(get("/", "Host: x\r\nContent-Length: 0\r\n")), 200);
        QCOMPARE(statusOf("GET / HTTP/1.1\nHost: x\n\n"), 400);
        QCOMPARE(statusOf("\n"), 400);
        QCOMPARE(statusOf(get("/", std::string("Host: x\r\nA: \0\r\n", 15))), 400);
    }
    void malformedRequestLinesAreRefused() {
        for (const char* line : {"GET", "GET /", "GET  HTTP/1.1", "GET x HTTP/1.1", "GET / HTTP/1.1 ", "GET / HTTP/1,1",
                                 "GET / http/1.1", "GET / HTTP/11", " GET / HTTP/1.1", "G@T / HTTP/1.1",
                                 "GET /a b HTTP/1.1", "GET /#x HTTP/1.1", "GET /\x80 HTTP/1.1", "GET * HTTP/1.1"})
            QVERIFY2(statusOf(std::string(line) + "\r\nHost: x\r\n\r\n") == 400, line);
    }
    void sizesAreBounded() {
        QCOMPARE(statusOf(get("/" + std::string(8191, 'a'))), 200);
        QCOMPARE(statusOf(get("/" + std::string(8192, 'a'))), 414);
        QCOMPARE(statusOf("GET /?" + std::string(100'000, 'a')), 414);
        QCOMPARE(statusOf(std::string(100'000, 'A')), 414);
        QCOMPARE(statusOf(get("/", "Host: x\r\nA: " + std::string(16'384, 'a') + "\r\n")), 431);
        QCOMPARE(statusOf("GET / HTTP/1.1\r\nA: " + std::string(16'384, 'a')), 431);
        std::string fields = "Host: x\r\n";
        for (int i = 0; i < 99; ++i) fields += "A: b\r\n";
        QCOMPARE(statusOf(get("/", fields)), 200);
        QCOMPARE(statusOf(get("/", fields + "A: b\r\n")), 431);
        std::string empty;
        while (empty.size() < 16'384) empty += "\r\n";
        QCOMPARE(statusOf(empty.substr(0, 16'000)), 0);
        QCOMPARE(statusOf(empty), 431);
    }
    void gzipIsTakenOnlyWhenOffered() {
        const auto accepts = [](const std::string& value) {
            return parsed(get("/", "Host: x\r\nAccept-Encoding: " + value + "\r\n")).head.acceptsGzip;
        };
        QVERIFY(accepts("gzip") && accepts("deflate, GZIP;q=1.0, *;q=0.5") && accepts("*") && accepts("gzip;q=0.001"));
        QVERIFY(!accepts("gzip;q=0") && !accepts("gzip;q=0.000") && !accepts("identity") && !accepts("") &&
                !accepts("xgzip"));
        QVERIFY(accepts("*;q=0, gzip") && !accepts("gzip;q=0, *") && !accepts("*, gzip;q=0"));
    }
    void aRangeGivenTwiceIsNoRange() {
        const std::string bytes = get("/", "Host: x\r\nRange: bytes=0-1\r\nRange: bytes=2-3\r\n");
        QVERIFY(parsed(bytes).head.range.empty());
    }
};
LIVE_TEST(HttpRequestTest)

#include "http_request_test.moc"
