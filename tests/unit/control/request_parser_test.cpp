#include "tests/support/test_main.h"

#include "server/control/front/request_parser.h"

using namespace live;
using live::control::front::Request;
using live::control::front::RequestParser;
using Stage = RequestParser::Stage;

namespace {

// What a parser fed with `bytes` at once refuses them with; 0 if it does not.
int refusal(std::string_view bytes) {
    RequestParser parser;
    parser.feed(bytes);
    return parser.stage() == Stage::Failed ? parser.failure().status : 0;
}

}  // namespace

class RequestParserTest : public QObject {
    Q_OBJECT
private slots:
    void aRequestIsTheSameHoweverItIsCut() {
        const std::string bytes =
            "POST /a/b?c=d HTTP/1.1\r\nHost: x\r\nX-Name: Value\r\nContent-Length: 5\r\n\r\nhello";
        for (std::size_t cut = 1; cut < bytes.size(); ++cut) {
            RequestParser parser;
            parser.feed(std::string_view(bytes).substr(0, cut));
            QVERIFY(parser.stage() != Stage::Complete && parser.stage() != Stage::Failed);
            parser.feed(std::string_view(bytes).substr(cut));
            QVERIFY(parser.stage() == Stage::Complete);
            QVERIFY(parser.keepAlive());
            const Request request = parser.take();
            QCOMPARE(request.method, std::string("POST"));
            QCOMPARE(request.path, (std::vector<std::string>{"a", "b"}));
            QCOMPARE(*request.header("x-name"), std::string_view("Value"));
            QCOMPARE(request.body, std::string("hello"));
            QVERIFY(parser.stage() == Stage::Empty);
        }
    }
    void aChunkedBodyIsPutTogether() {
        RequestParser parser;
        parser.feed(
            "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n");
        QVERIFY(parser.stage() == Stage::Complete);
        QCOMPARE(parser.take().body, std::string("abcde"));
    }
    void aTrailerAddsNoHeader() {
        const std::string bytes =
            "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n"
            "Authorization: Bearer token\r\nConnection: close\r\nHost: y\r\n\r\n";
        for (std::size_t cut = 1; cut <= bytes.size(); ++cut) {
            RequestParser parser;
            parser.feed(std::string_view(bytes).substr(0, cut));
            if (cut < bytes.size()) parser.feed(std::string_view(bytes).substr(cut));
            QVERIFY(parser.stage() == Stage::Complete);
            QVERIFY(parser.keepAlive());
            const Request request = parser.take();
            QVERIFY(!request.header("authorization"));
            QCOMPARE(*request.header("host"), std::string_view("x"));
            QCOMPARE(request.headers.size(), std::size_t(2));
            QCOMPARE(request.body, std::string("{}"));
        }
    }
    void pipelinedRequestsComeOutInOrder() {
        RequestParser parser;
        parser.feed("GET /1 HTTP/1.1\r\nHost: x\r\n\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\n\r\nGET /3 HT");
        QCOMPARE(parser.take().path.front(), std::string("1"));
        QVERIFY(parser.stage() == Stage::Complete);
        QCOMPARE(parser.take().path.front(), std::string("2"));
        QVERIFY(parser.stage() == Stage::Head);
    }
    void anOlderClientIsAnsweredOnceUnlessItAsksForMore() {
        RequestParser parser;
        parser.feed("GET / HTTP/1.0\r\n\r\n");
        QVERIFY(parser.stage() == Stage::Complete);
        QVERIFY(!parser.keepAlive());
    }
    void ambiguousFramingIsRefused() {
        const std::string post = "POST / HTTP/1.1\r\nHost: x\r\n";
        QCOMPARE(refusal(post + "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n"), 400);
        QCOMPARE(refusal(post + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), 400);
        QCOMPARE(refusal(post + "Content-Length: 3\r\nTransfer-Encoding: gzip\r\n\r\nabc"), 400);
        QCOMPARE(refusal(post + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"), 501);
        QCOMPARE(refusal(post + "Transfer-Encoding: identity\r\n\r\n"), 501);
        QCOMPARE(refusal(post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), 400);
        QCOMPARE(refusal(post + "Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc"), 400);
        QCOMPARE(refusal(post + "Content-Length: 3, 4\r\n\r\nabc"), 400);
        QCOMPARE(refusal(post + "Content-Length: -1\r\n\r\n"), 400);
        QCOMPARE(refusal("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), 400);
    }
    void aRequestNamesOneHost() {
        QCOMPARE(refusal("GET / HTTP/1.1\r\n\r\n"), 400);
        QCOMPARE(refusal("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"), 400);
    }
    void whatIsNotHttpIsRefused() {
        for (std::string_view bytes :
             {"\x16\x03\x01\x02\x01\x01\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/1.1\r\nBad Name: x\r\n\r\n"})
            QCOMPARE(refusal(bytes), 400);
        QCOMPARE(refusal("GET / FTP/1.1\r\n\r\n"), 505);
        QCOMPARE(refusal("GET / HTTP/2.0\r\nHost: x\r\n\r\n"), 505);
        QCOMPARE(refusal("GET /../etc HTTP/1.1\r\nHost: x\r\n\r\n"), 400);
        QCOMPARE(refusal("GET / HTTP/1.1\r\nHost: x\r\nExpect: a miracle\r\n\r\n"), 417);
    }
    void aHeadThatNeverEndsIsRefusedAtItsLimit() {
        const std::string line(1024, 'x');
        for (const std::string& start : {std::string("GET /"), std::string("GET / HTTP/1.1\r\nHost: x\r\nX: ")}) {
            RequestParser parser;
            parser.feed(start);
            std::size_t fed = 0;
            while (parser.stage() == Stage::Head && fed < 1'000'000) {
                parser.feed(line);
                fed += line.size();
            }
            QCOMPARE(parser.failure().status, 431);
            QVERIFY(fed <= 66'000);
        }
    }
    void aLargeBodyIsRefusedBeforeItIsSent() {
        QCOMPARE(refusal("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000\r\n\r\n"), 413);
        QCOMPARE(refusal("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n7fffffff\r\n"), 413);
    }
    void smallChunksDoNotAddUpToALargeBody() {
        RequestParser parser;
        parser.feed("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
        const std::string chunk = "400\r\n" + std::string(1024, 'x') + "\r\n";
        for (int i = 0; i < 1100 && parser.stage() == Stage::Body; ++i) parser.feed(chunk);
        QCOMPARE(parser.failure().status, 413);
    }
    void aChunkHeaderWithoutAnEndIsRefused() {
        RequestParser parser;
        parser.feed("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1;");
        for (int i = 0; i < 100 && parser.stage() == Stage::Body; ++i) parser.feed(std::string(1024, 'x'));
        QVERIFY(parser.stage() == Stage::Failed);
    }
    void aClientThatWaitsForLeaveIsToldOnce() {
        RequestParser parser;
        parser.feed("POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
        QVERIFY(parser.takeExpectation());
        QVERIFY(!parser.takeExpectation());
        parser.feed("{}");
        QCOMPARE(parser.take().body, std::string("{}"));
        parser.feed("POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n{}");
        QVERIFY(!parser.takeExpectation());  // the body is here already
    }
};
LIVE_TEST(RequestParserTest)

#include "request_parser_test.moc"
