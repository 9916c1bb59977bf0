#include "tests/support/test_main.h"

#include <fcntl.h>

#include "tests/integration/origin/origin_fixture.h"

using namespace live;
using live::test::kBroadcastPath;
using live::test::kPlaylist;
using live::test::OriginFixture;

class ServeTest : public QObject {
    Q_OBJECT
private slots:
    void aViewerGetsPlaylistsAndMediaOnOneConnection() {
        OriginFixture origin;
        origin.publish({});
        auto client = origin.connect();
        client.get("/live/demo/master.m3u8");
        QCOMPARE(client.answer()->body, std::string("master 1000.2"));
        client.get(kPlaylist, "Accept-Encoding: gzip\r\n");
        const auto playlist = client.answer();
        QCOMPARE(playlist->body, std::string("gz full v720 1000.2"));
        QCOMPARE(playlist->fields.at("content-encoding"), std::string("gzip"));
        client.get("/t/x" + kBroadcastPath + "v720/1000.2.m4s");
        const auto part = client.answer();
        QCOMPARE(part->body, test::partText("v720", {1000, 2}, 100));
        QVERIFY(part->fields.contains("date") && !part->fields.contains("age") && !part->fields.contains("connection"));
        client.get(kBroadcastPath + "a0/999.m4s", "Range: bytes=90-109\r\n");
        const auto range = client.answer();
        QCOMPARE(range->status, 206);
        QCOMPARE(range->body,
                 test::partText("a0", {999, 0}, 100).substr(90) + test::partText("a0", {999, 1}, 100).substr(0, 10));
        QCOMPARE(origin.server->counters().responses[2].load(), 4u);
        QCOMPARE(origin.server->counters().openConnections.load(), 1);
    }
    void headHasTheFieldsOfGetAndNoBody() {
        OriginFixture origin;
        origin.publish({});
        auto client = origin.connect();
        client.send("HEAD " + kBroadcastPath + "v720/999.m4s HTTP/1.1\r\nHost: x\r\n\r\n");
        const auto head = client.answer(false);
        QCOMPARE(head->fields.at("content-length"), std::string("600"));
        client.get(kPlaylist);
        QCOMPARE(client.answer()->status, 200);
    }
    void pipelinedRequestsAreAnsweredInOrder() {
        OriginFixture origin;
        origin.publish({});
        auto client = origin.connect();
        std::string requests;
        for (int i = 0; i < 50; ++i)
            requests +=
                "GET " + kBroadcastPath + "v720/1000." + std::to_string(i % 3) + ".m4s HTTP/1.1\r\nHost: x\r\n\r\n";
        client.send(requests);
        for (int i = 0; i < 50; ++i) QCOMPARE(client.answer()->body, test::partText("v720", {1000, i % 3}, 100));
    }
    void largeBodiesArriveWhole() {
        OriginFixture origin;
        origin.publish({.listedSegments = 2, .removedSegments = 0, .partBytes = 3'000'000});
        auto client = origin.connect();
        client.get(kBroadcastPath + "v720/999.m4s");
        const auto segment = client.answer();
        std::string expected;
        for (std::int32_t p = 0; p < 6; ++p) expected += test::partText("v720", {999, p}, 3'000'000);
        QVERIFY(segment && segment->body == expected);
    }
    void badRequestsAreAnsweredAndTheConnectionEnds() {
        OriginFixture origin;
        const std::pair<std::string, int> cases[] = {
            {"GET / HTTP/1.1\r\n\r\n", 400},
            {"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000\r\n\r\n", 405},
            {"GET /?" + std::string(100'000, 'x') + " HTTP/1.1\r\nHost: x\r\n\r\n", 414},
            {"GET / HTTP/1.1\r\nHost: x\r\nA: " + std::string(20'000, 'x') + "\r\n\r\n", 431},
            {"\x16\x03\x01\x02\x01\n", 400},
            {"FOO / HTTP/1.1\r\nHost: x\r\n\r\n", 501},
            {"GET / HTTP/2.0\r\nHost: x\r\n\r\n", 505},
        };
        for (const auto& [bytes, status] : cases) {
            auto client = origin.connect();
            client.send(bytes);
            const auto answer = client.answer();
            QVERIFY2(answer && answer->status == status, bytes.substr(0, 40).c_str());
            QCOMPARE(answer->fields.at("connection"), std::string("close"));
            QVERIFY(client.isClosed());
        }
    }
    void aBodyThatNobodyWantsIsNotRead() {
        OriginFixture origin;
        auto client = origin.connect();
        client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000\r\n\r\n");
        const std::string chunk(1 << 20, 'x');
        std::size_t sent = 0;
        while (sent < 1'000'000'000 && client.send(chunk)) sent += chunk.size();
        QVERIFY(sent < 100'000'000);
    }
    void pathsThatClimbAreRefusedAndTheConnectionGoesOn() {
        OriginFixture origin;
        origin.publish({});
        auto client = origin.connect();
        for (const char* path : {"/../../etc/passwd", "/live/demo/../x", "/live/%2e%2e/x"}) {
            client.get(path);
            QCOMPARE(client.answer()->status, 400);
        }
        client.get("/nothing");
        QCOMPARE(client.answer()->status, 404);
        client.send("OPTIONS /live/demo/master.m3u8 HTTP/1.1\r\nHost: x\r\nOrigin: http://a\r\n\r\n");
        QCOMPARE(client.answer()->fields.at("access-control-max-age"), std::string("86400"));
    }
    void pagesAreServedBesideMedia() {
        const origin::StaticText page({Buffer::copyOf(std::string_view("<html>")), {}}, "text/html", "no-cache");
        OriginFixture origin({}, {.pages = {{"/watch/",
                                             [page](const origin::PageRequest& request) {
                                                 return page.answer(request.acceptsGzip, request.ifNoneMatch);
                                             }}},
                                  .notFound = {}});
        auto client = origin.connect();
        client.get("/watch/demo");
        QCOMPARE(client.answer()->body, std::string("<html>"));
    }
    void clientsWaitBetweenTwoServersOfOneListeningSocket() {
        FileDescriptor listening = test::loopbackSocket();
        const std::string endpoint = net::boundEndpoint(listening)->text();
        FileDescriptor copy(::dup(listening.value()));
        store::Directory directory;
        ManualClock clock;
        auto server = origin::io::Server::create({.listening = std::move(copy)}, directory, clock, {});
        QVERIFY(server.has_value());
        QCOMPARE((*server)->endpoint(), endpoint);
        test::HttpClient client(endpoint);
        client.get("/");
        QCOMPARE(client.answer()->status, 404);
        // The supervisor's end keeps new connections waiting while nobody serves.
        server->reset();
        test::HttpClient early(endpoint);
        QVERIFY(early.isConnected() && early.get("/"));
        auto next = origin::io::Server::create({.listening = std::move(listening)}, directory, clock, {});
        QCOMPARE(early.answer()->status, 404);
    }
    void whatIsNoSocketIsRefused() {
        store::Directory directory;
        ManualClock clock;
        QVERIFY(!origin::io::Server::create({.listening = FileDescriptor()}, directory, clock, {}));
    }
};
LIVE_TEST(ServeTest)

#include "serve_test.moc"
