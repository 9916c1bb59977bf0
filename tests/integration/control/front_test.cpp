#include "tests/support/test_main.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <QPromise>
#include <filesystem>
#include <set>

#include "server/control/front/front.h"
#include "tests/integration/control/api_fixture.h"
#include "tests/support/loopback.h"
#include "tests/support/raw_http_client.h"

using namespace live;
using namespace live::control::front;
using live::test::RawHttpClient;
using Stake = Connection::Stake;

namespace {

// A front whose handler answers with the path, or when the test says so.
struct FrontFixture {
    ManualClock clock;
    std::vector<Request> requests;
    std::vector<std::shared_ptr<QPromise<Response>>> deferred;
    bool isDeferring = false;
    std::string bodySuffix;
    std::unique_ptr<Front> front;

    explicit FrontFixture(Limits limits = {}) {
        auto created = Front::create(test::loopbackSocket(), limits,
                                     {.answer = [this](Request request) { return answer(std::move(request)); },
                                      .admit = [this](const Request& head) { return admit(head); }},
                                     clock);
        LIVE_ASSERT(created);
        front = std::move(*created);
        front->open();
    }

    QFuture<Response> answer(Request request) {
        auto promise = std::make_shared<QPromise<Response>>();
        promise->start();
        requests.push_back(std::move(request));
        deferred.push_back(promise);
        if (!isDeferring) finish(deferred.size() - 1);
        return promise->future();
    }
    std::optional<Response> admit(const Request& head) {
        if (head.path != std::vector<std::string>{"refused"}) return std::nullopt;
        return Response{.status = 401, .contentType = "text/plain", .body = "not here"};
    }
    void finish(std::size_t index) {
        const Request& request = requests[index];
        deferred[index]->addResult(Response{.status = 200,
                                            .contentType = "text/plain",
                                            .body = (request.path.empty() ? "" : request.path.back()) + bodySuffix});
        deferred[index]->finish();
    }
};

QByteArray get(const QByteArray& path, const QByteArray& extra = {}) {
    return "GET " + path + " HTTP/1.1\r\nHost: x\r\n" + extra + "\r\n";
}

std::set<std::string> openDescriptors() {
    std::set<std::string> all;
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) all.insert(entry.path().filename());
    return all;
}

}  // namespace

class FrontTest : public QObject {
    Q_OBJECT
private slots:
    void pipelinedRequestsAreAnsweredInOrderOneAtATime() {
        FrontFixture fixture;
        fixture.isDeferring = true;
        RawHttpClient client(fixture.front->endpoint());
        client.send(get("/1") + get("/2") + get("/3"));
        for (std::size_t i = 0; i < 3; ++i) {
            QTRY_COMPARE(fixture.requests.size(), i + 1);
            QCoreApplication::processEvents();
            QCOMPARE(fixture.requests.size(), i + 1);
            fixture.finish(i);
            QCOMPARE(client.receive()->body, QByteArray::number(int(i) + 1));
        }
    }
    void anAnswerHasADateAndALength() {
        FrontFixture fixture;
        RawHttpClient client(fixture.front->endpoint());
        const auto answer = client.request("GET", "/abc");
        QCOMPARE(answer->headers.at("date"), QByteArray("Thu, 28 May 2026 20:26:40 GMT"));
        QCOMPARE(answer->headers.at("content-length"), QByteArray("3"));
        QCOMPARE(answer->headers.at("connection"), QByteArray("keep-alive"));
    }
    void aHeadIsAnsweredWithoutABody() {
        FrontFixture fixture;
        RawHttpClient client(fixture.front->endpoint());
        client.send("HEAD /abc HTTP/1.1\r\nHost: x\r\n\r\n" + get("/next"));
        const auto head = client.receive(true);
        QCOMPARE(head->headers.at("content-length"), QByteArray("3"));
        QCOMPARE(client.receive()->body, QByteArray("next"));
    }
    void aClientThatAsksForItIsClosedAfterTheAnswer() {
        FrontFixture fixture;
        RawHttpClient client(fixture.front->endpoint());
        client.send(get("/a", "Connection: close\r\n") + get("/never"));
        QCOMPARE(client.receive()->headers.at("connection"), QByteArray("close"));
        QVERIFY(client.isClosedByServer());
        QCOMPARE(fixture.requests.size(), std::size_t(1));
    }
    void theRefusalOfALargeBodyArrivesThoughTheClientGoesOnSending() {
        FrontFixture fixture;
        RawHttpClient client(fixture.front->endpoint());
        client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000\r\n\r\n" + QByteArray(8'000'000, 'x'));
        const auto answer = client.receive();
        QVERIFY(answer);
        QCOMPARE(answer->status, 413);
        QCOMPARE(answer->headers.at("connection"), QByteArray("close"));
        QCOMPARE(answer->headers.at("content-type"), QByteArray("application/problem+json"));
        QVERIFY(fixture.requests.empty());
    }
    void aBodyThatIsRefusedIsNotWaitedFor() {
        FrontFixture fixture;
        for (const QByteArray framing : {"Content-Length: 1000000\r\n\r\nab", "Transfer-Encoding: chunked\r\n\r\n",
                                         "Expect: 100-continue\r\nContent-Length: 2\r\n\r\n"}) {
            RawHttpClient client(fixture.front->endpoint());
            client.send("POST /refused HTTP/1.1\r\nHost: x\r\n" + framing);
            const auto answer = client.receive();
            QVERIFY(answer);
            QCOMPARE(answer->status, 401);
            QCOMPARE(answer->headers.at("connection"), QByteArray("close"));
            QVERIFY(client.isClosedByServer());
        }
        QVERIFY(fixture.requests.empty());
    }
    void aRequestWithoutABodyIsLeftToTheHandler() {
        FrontFixture fixture;
        RawHttpClient client(fixture.front->endpoint());
        client.send("POST /refused HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n");
        QCOMPARE(client.receive()->body, QByteArray("refused"));
        client.send(get("/refused"));
        QCOMPARE(client.receive()->body, QByteArray("refused"));
    }
    void aHeadThatIsRefusedHasNoBody() {
        FrontFixture fixture;
        RawHttpClient client(fixture.front->endpoint());
        client.send("HEAD /refused HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n");
        QCOMPARE(client.receive(true)->status, 401);
        QVERIFY(client.isClosedByServer());
        QCOMPARE(client.unread(), QByteArray());
    }
    void whatFollowsAHeadRequestHasItsOwnAnswer() {
        Limits limits;
        limits.head = std::chrono::milliseconds(60);
        FrontFixture fixture(limits);
        RawHttpClient late(fixture.front->endpoint());
        late.send("HEAD /abc HTTP/1.1\r\nHost: x\r\n\r\nGET / HT");
        QCOMPARE(late.receive(true)->status, 200);
        const auto timeout = late.receive();
        QVERIFY(timeout);
        QCOMPARE(timeout->status, 408);
        QVERIFY(timeout->json()["status"] == 408);
        RawHttpClient wrong(fixture.front->endpoint());
        wrong.send("HEAD /abc HTTP/1.1\r\nHost: x\r\n\r\nNONSENSE\r\n\r\n");
        QCOMPARE(wrong.receive(true)->status, 200);
        const auto refusal = wrong.receive();
        QVERIFY(refusal);
        QCOMPARE(refusal->status, 400);
    }
    void aClientThatSendsForeverAfterItsRefusalIsCut() {
        Limits limits;
        limits.drain = std::chrono::milliseconds(50);
        FrontFixture fixture(limits);
        RawHttpClient client(fixture.front->endpoint());
        client.send("NONSENSE\r\n\r\n");
        QCOMPARE(client.receive()->status, 400);
        QTRY_COMPARE(fixture.front->connectionCount(), std::size_t(0));
    }
    void aClientThatPipelinesAndNeverReadsIsHeldBack() {
        Limits limits;
        limits.write = std::chrono::milliseconds(500);
        FrontFixture fixture(limits);
        fixture.bodySuffix = std::string(20'000, 'x');
        RawHttpClient client(fixture.front->endpoint());
        client.socket().setReadBufferSize(1024);
        QByteArray many;
        for (int i = 0; i < 20'000; ++i) many += get("/a");
        client.send(many);
        QTRY_VERIFY(!fixture.requests.empty());
        QTRY_COMPARE(fixture.front->connectionCount(), std::size_t(0));
        // What the two kernels' buffers take, and not one more: neither requests nor answers pile up in the server.
        QVERIFY2(fixture.requests.size() < 1000, std::to_string(fixture.requests.size()).c_str());
    }
    void silenceAndHalfARequestEndInTime() {
        Limits limits;
        limits.head = std::chrono::milliseconds(60);
        limits.body = std::chrono::milliseconds(60);
        FrontFixture fixture(limits);
        RawHttpClient silent(fixture.front->endpoint()), halfHead(fixture.front->endpoint()),
            halfBody(fixture.front->endpoint());
        halfHead.send("GET / HTTP/1.1\r\nHost:");
        halfBody.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nab");
        QCOMPARE(halfHead.receive()->status, 408);
        QCOMPARE(halfBody.receive()->status, 408);
        QVERIFY(silent.isClosedByServer());
        QVERIFY(fixture.requests.empty());
    }
    void anIdleConnectionEndsInTime() {
        Limits limits;
        limits.idle = std::chrono::milliseconds(60);
        FrontFixture fixture(limits);
        RawHttpClient client(fixture.front->endpoint());
        QCOMPARE(client.request("GET", "/a")->status, 200);
        QVERIFY(client.isClosedByServer());
    }
    void aHandlerThatTakesTooLongIsAnsweredForAndItsLateAnswerIsDropped() {
        Limits limits;
        limits.handler = std::chrono::milliseconds(60);
        FrontFixture fixture(limits);
        fixture.isDeferring = true;
        RawHttpClient client(fixture.front->endpoint());
        client.send(get("/slow"));
        const auto late = client.receive();
        QCOMPARE(late->status, 503);
        QVERIFY(late->headers.contains("retry-after"));
        client.send(get("/next"));
        QTRY_COMPARE(fixture.requests.size(), std::size_t(2));
        fixture.finish(0);  // too late, and not the answer to /next
        fixture.finish(1);
        QCOMPARE(client.receive()->body, QByteArray("next"));
    }
    void anAnswerToAClientThatHasGoneIsHarmless() {
        FrontFixture fixture;
        fixture.isDeferring = true;
        for (const bool isReset : {false, true}) {
            auto client = std::make_unique<RawHttpClient>(fixture.front->endpoint());
            client->send(get("/a"));
            const std::size_t asked = fixture.requests.size() + 1;
            QTRY_COMPARE(fixture.requests.size(), asked);
            const linger reset{.l_onoff = 1, .l_linger = 0};
            if (isReset)
                setsockopt(int(client->socket().socketDescriptor()), SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
            client->socket().abort();
            if (isReset) QTRY_COMPARE(fixture.front->connectionCount(), std::size_t(0));
            fixture.finish(asked - 1);
        }
        QTRY_COMPARE(fixture.front->connectionCount(), std::size_t(0));
    }
    void anAnswerAfterTheFrontIsHarmless() {
        FrontFixture fixture;
        fixture.isDeferring = true;
        RawHttpClient client(fixture.front->endpoint());
        client.send(get("/a"));
        QTRY_COMPARE(fixture.requests.size(), std::size_t(1));
        fixture.front.reset();
        fixture.finish(0);
    }
    void aNewClientReplacesTheOldestIdleOne() {
        Limits limits;
        limits.connections = 2;
        FrontFixture fixture(limits);
        fixture.isDeferring = true;
        RawHttpClient busy(fixture.front->endpoint());
        busy.send(get("/busy"));
        QTRY_COMPARE(fixture.requests.size(), std::size_t(1));
        RawHttpClient idle(fixture.front->endpoint());
        QTRY_COMPARE(fixture.front->connectionCount(), std::size_t(2));
        RawHttpClient next(fixture.front->endpoint());
        QVERIFY(idle.isClosedByServer());
        next.send(get("/next"));
        QTRY_COMPARE(fixture.requests.size(), std::size_t(2));
        RawHttpClient tooMany(fixture.front->endpoint());
        QVERIFY(tooMany.isClosedByServer());
        fixture.finish(0);
        QCOMPARE(busy.receive()->body, QByteArray("busy"));
    }
    void halfSentHeadsLockNobodyOut() {
        Limits limits;
        limits.connections = 3;
        FrontFixture fixture(limits);
        fixture.isDeferring = true;
        RawHttpClient body(fixture.front->endpoint()), oldest(fixture.front->endpoint()),
            newest(fixture.front->endpoint());
        body.send("POST /body HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
        QTRY_VERIFY(body.socket().bytesAvailable() > 0);
        for (RawHttpClient* half : {&oldest, &newest}) half->send("GET / HTTP/1.1\r\nHost:");
        QTRY_COMPARE(fixture.front->stakes(), (std::multiset{Stake::Request, Stake::Head, Stake::Head}));
        RawHttpClient operators(fixture.front->endpoint());
        QVERIFY(oldest.isClosedByServer());
        operators.send(get("/operator"));
        QTRY_COMPARE(fixture.requests.size(), std::size_t(1));
        body.send("{}");
        QTRY_COMPARE(fixture.requests.size(), std::size_t(2));
        fixture.finish(0);
        fixture.finish(1);
        QCOMPARE(operators.receive()->body, QByteArray("operator"));
        QCOMPARE(body.receive()->body, QByteArray("body"));
    }
    void anAnswerThatNobodyReadsLocksNobodyOut() {
        Limits limits;
        limits.connections = 1;
        FrontFixture fixture(limits);
        fixture.bodySuffix = std::string(20'000'000, 'x');
        RawHttpClient stalled(fixture.front->endpoint());
        stalled.socket().setReadBufferSize(1024);
        stalled.send(get("/a"));
        QTRY_COMPARE(fixture.front->stakes(), std::multiset{Stake::Answer});
        fixture.bodySuffix.clear();
        RawHttpClient next(fixture.front->endpoint());
        next.send(get("/next"));
        QCOMPARE(next.receive()->body, QByteArray("next"));
    }
    void aClientMayWaitForLeaveToSendItsBody() {
        FrontFixture fixture;
        RawHttpClient client(fixture.front->endpoint());
        client.send("POST /a HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
        QTRY_VERIFY(client.socket().bytesAvailable() > 0);
        QCOMPARE(client.socket().peek(100), QByteArray("HTTP/1.1 100 Continue\r\n\r\n"));
        client.send("{}");
        QCOMPARE(client.receive()->status, 200);
        QCOMPARE(fixture.requests[0].body, std::string("{}"));
    }
    void everyDescriptorIsClosedOnExec() {
        const auto before = openDescriptors();
        FrontFixture fixture;
        RawHttpClient client(fixture.front->endpoint());
        QCOMPARE(client.request("GET", "/a")->status, 200);
        for (const std::string& name : openDescriptors())
            if (!before.contains(name)) {
                const int flags = fcntl(std::stoi(name), F_GETFD);
                QVERIFY2(flags < 0 || (flags & FD_CLOEXEC) != 0, name.c_str());
            }
    }
    void whatIsNoListeningSocketIsRefused() {
        ManualClock clock;
        QVERIFY(!Front::create(FileDescriptor(), {}, {}, clock));
    }
    void clientsWaitUntilTheFrontOpens() {
        ManualClock clock;
        auto front = Front::create(test::loopbackSocket(), {},
                                   {[](Request) { return QtFuture::makeReadyFuture(Response{.status = 204}); }}, clock);
        QVERIFY(front);
        RawHttpClient client((*front)->endpoint());
        client.send(get("/early"));
        QCoreApplication::processEvents();  // would take it: it is there
        QCOMPARE((*front)->connectionCount(), std::size_t(0));
        (*front)->open();
        QCOMPARE(client.receive()->status, 204);
    }
    void aShutdownLetsAnswersOutAndClosesTheRest() {
        FrontFixture fixture;
        fixture.isDeferring = true;
        RawHttpClient idle(fixture.front->endpoint()), busy(fixture.front->endpoint());
        busy.send(get("/a"));
        QTRY_COMPARE(fixture.requests.size(), std::size_t(1));
        QTRY_COMPARE(fixture.front->connectionCount(), std::size_t(2));
        const QFuture<void> done = fixture.front->shutDown(std::chrono::seconds(5));
        QVERIFY(idle.isClosedByServer());
        QVERIFY(!done.isFinished());
        fixture.finish(0);
        const auto answer = busy.receive();
        QCOMPARE(answer->body, QByteArray("a"));
        QCOMPARE(answer->headers.at("connection"), QByteArray("close"));
        QVERIFY(busy.isClosedByServer());
        QTRY_VERIFY(done.isFinished());
    }
    void aShutdownDoesNotWaitForeverForAHandler() {
        FrontFixture fixture;
        fixture.isDeferring = true;
        RawHttpClient client(fixture.front->endpoint());
        client.send(get("/a"));
        QTRY_COMPARE(fixture.requests.size(), std::size_t(1));
        const QFuture<void> done = fixture.front->shutDown(std::chrono::milliseconds(50));
        QTRY_VERIFY(done.isFinished());
        QVERIFY(client.isClosedByServer());
    }
    void whoWaitsForTheShutdownMayDestroyTheFront() {
        FrontFixture fixture;
        RawHttpClient idle(fixture.front->endpoint());
        QTRY_COMPARE(fixture.front->connectionCount(), std::size_t(1));
        QObject context;
        fixture.front->shutDown(std::chrono::seconds(5)).then(&context, [&fixture] { fixture.front.reset(); });
        QTRY_VERIFY(!fixture.front);
        QVERIFY(idle.isClosedByServer());
    }
};
LIVE_TEST(FrontTest)

#include "front_test.moc"
