#include "tests/support/test_main.h"

#include "tests/integration/control/api_fixture.h"

using namespace live;
using live::test::ApiFixture;
using live::test::RawResponse;

namespace {

// Whether it is a problem document of that status and code.
bool isProblem(const RawResponse& answer, int status, const char* code) {
    const QJsonObject json = answer.json();
    const bool isIt = answer.status == status && answer.headers.at("content-type") == "application/problem+json" &&
                      json["status"].toInt() == status && json["code"] == code && !json["title"].toString().isEmpty() &&
                      !json["detail"].toString().isEmpty();
    if (!isIt) qWarning() << answer.status << answer.body;
    return isIt;
}

}  // namespace

class ErrorsTest : public QObject {
    Q_OBJECT
private slots:
    void everyWrongRequestGetsItsProblemDocument() {
        ApiFixture api;
        QVERIFY(api.start());
        const QByteArray streams = "/api/v1/streams";
        QVERIFY(isProblem(api.request("POST", streams, "{\"name\":"), 400, "invalid_json"));
        QVERIFY(isProblem(api.request("POST", streams, "[]"), 400, "invalid_json"));
        QVERIFY(isProblem(api.request("POST", streams, R"({"name":7})"), 422, "invalid_value"));
        QVERIFY(isProblem(api.request("POST", streams, R"({"nmae":"x"})"), 422, "invalid_value"));
        QVERIFY(isProblem(api.request("POST", streams), 422, "invalid_value"));
        QVERIFY(isProblem(api.request("POST", streams, R"({"name":"x"})", "text/plain"), 415, "media_type"));
        QVERIFY(isProblem(api.request("POST", streams, R"({"name":"x"})", "application/merge-patch+json"), 415,
                          "media_type"));
        QVERIFY(isProblem(api.request("POST", streams, QByteArray(2'000'000, 'x')), 413, "too_large"));
        QVERIFY(isProblem(api.request("GET", streams + "/none"), 404, "not_found"));
        QVERIFY(isProblem(api.request("GET", streams + "/none/stats"), 404, "not_found"));
        QVERIFY(isProblem(api.request("GET", "/api/v2/streams"), 404, "not_found"));
        QVERIFY(isProblem(api.request("GET", streams + "/"), 404, "not_found"));
        QVERIFY(isProblem(api.request("GET", "/"), 404, "not_found"));
        QVERIFY(isProblem(api.request("GET", "/api/../etc/passwd"), 400, "bad_request"));
    }
    void aPathWithNothingBehindItIsToldWhatThereIs() {
        ApiFixture api;
        QVERIFY(api.start());
        const auto detailOf = [&](const QByteArray& method, const QByteArray& path) {
            const RawResponse answer = api.request(method, path);
            return isProblem(answer, 404, "not_found") ? answer.json()["detail"].toString() : QString();
        };
        const QString lists = "; /openapi.yaml lists what there is";
        QCOMPARE(detailOf("GET", "/api/v1"), "There is nothing at this path" + lists);
        QCOMPARE(detailOf("GET", "/"), "There is nothing at this path" + lists);
        for (const QByteArray path : {"/api/v1/streams/", "/api/v1/streams//stats", "/api/v1/"})
            QCOMPARE(detailOf("GET", path), "A part of this path is empty, perhaps the id" + lists);
        QCOMPARE(detailOf("DELETE", "/api/v1/streams/"), "A part of this path is empty, perhaps the id" + lists);
    }
    void aTokenThatIsSentInAnotherWayIsToldHowToSendIt() {
        ApiFixture api;
        QVERIFY(api.start());
        const auto detailOf = [&](const QByteArray& authorization) {
            auto client = api.client();
            client->send("GET /api/v1/streams HTTP/1.1\r\nHost: x\r\nAuthorization: " + authorization + "\r\n\r\n");
            const RawResponse answer = client->receive().value_or(RawResponse{});
            return isProblem(answer, 401, "unauthorized") ? answer.json()["detail"].toString() : QString();
        };
        for (const QByteArray& way : {api.token(), "Basic " + api.token(), QByteArray("Bearer"), QByteArray("Bearer ")})
            QVERIFY2(detailOf(way).contains("send 'Authorization: Bearer"), way.constData());
        QVERIFY(detailOf("Bearer wrong").startsWith("The token is not known here"));
    }
    void aBodyIsReadOnlyForWhoHasAToken() {
        ApiFixture api;
        QVERIFY(api.start());
        const auto head = [](const QByteArray& start, const QByteArray& token) {
            return start + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + token + "\r\nContent-Length: 9\r\n\r\n";
        };
        const auto answerTo = [&](const QByteArray& bytes) {
            auto client = api.client();
            client->send(bytes);
            return client->receive().value_or(RawResponse{});
        };
        QVERIFY(isProblem(answerTo(head("POST /api/v1/streams", "wrong")), 401, "unauthorized"));
        QVERIFY(isProblem(answerTo(head("POST /api/v1/nothing", api.token())), 404, "not_found"));
        QVERIFY(isProblem(answerTo(head("PUT /api/v1/streams", api.token())), 405, "method_not_allowed"));
        QVERIFY(isProblem(answerTo(head("GET /healthz", api.token())), 413, "too_large"));
        QVERIFY(isProblem(answerTo(head("GET /metrics", api.token())), 413, "too_large"));
        QVERIFY(isProblem(answerTo(head("POST /api/v1/streams", api.token()) + "{\"name\":1"), 415, "media_type"));
    }
    void aWrongMethodIsToldTheRightOnes() {
        ApiFixture api;
        QVERIFY(api.start());
        const auto answer = api.request("PUT", "/api/v1/streams/x");
        QVERIFY(isProblem(answer, 405, "method_not_allowed"));
        QCOMPARE(answer.headers.at("allow"), QByteArray("GET, HEAD, PATCH, DELETE"));
        QCOMPARE(answer.json()["detail"], "PUT does nothing here; accepted are GET, HEAD, PATCH, DELETE");
        QCOMPARE(api.request("BREW", "/healthz").headers.at("allow"), QByteArray("GET, HEAD"));
    }
    void aMediaTypeMayHaveParametersAndAnyCase() {
        ApiFixture api;
        QVERIFY(api.start());
        QCOMPARE(api.request("POST", "/api/v1/streams", R"({"name":"x"})", "Application/JSON; charset=utf-8").status,
                 201);
    }
    void systemRoutesNeedNoToken() {
        ApiFixture api;
        QVERIFY(api.start());
        auto client = api.client();
        client->token.clear();
        QCOMPARE(client->request("GET", "/healthz")->json()["status"], "ok");
        QCOMPARE(client->request("GET", "/readyz")->json()["ready"], true);
        QVERIFY(client->request("GET", "/metrics")->body.contains("liveserver_up 1"));
        const auto contract = client->request("GET", "/openapi.yaml");
        QCOMPARE(contract->headers.at("content-type"), QByteArray("application/yaml"));
        QVERIFY(contract->body.startsWith("openapi: 3.1"));
        QCOMPARE(client->request("HEAD", "/openapi.yaml")->headers.at("content-length"),
                 QByteArray::number(contract->body.size()));
    }
    void aServerThatIsNotReadySaysWhatIsMissing() {
        control::Router router([](control::Access, const control::front::Request&) { return true; });
        control::SystemRoutes{
            .metrics = {},
            .readiness =
                [] { return control::ReadyReport{{{"catalog", true, "open"}, {"disk", false, "full; make room"}}}; }}
            .addTo(router);
        const auto response = router.answer({.method = "GET", .path = {"readyz"}}).result();
        QCOMPARE(response.status, 503);
        QVERIFY(std::ranges::any_of(response.headers, [](const auto& header) { return header.name == "Retry-After"; }));
        QVERIFY(response.body.find("full; make room") != std::string::npos);
    }
    void metricsNeedATokenUnderAForeignName() {
        ApiFixture api;
        QVERIFY(api.start());
        auto client = api.client();
        client->host = "evil.example:8081";
        QCOMPARE(client->request("GET", "/metrics")->status, 200);
        client->token.clear();
        QVERIFY(isProblem(client->request("GET", "/metrics").value_or(RawResponse{}), 401, "unauthorized"));
        client->host = "media.test:8081";
        QCOMPARE(client->request("GET", "/metrics")->status, 200);
    }
    void metricsNeedATokenFromAnotherMachine() {
        bool isAsked = false;
        control::Router router([&](control::Access access, const control::front::Request&) {
            isAsked = access == control::Access::LocalOrToken;
            return false;
        });
        control::SystemRoutes{.metrics = [] { return std::string(); }, .readiness = {}}.addTo(router);
        QCOMPARE(router.answer({.method = "GET", .path = {"metrics"}}).result().status, 401);
        QVERIFY(isAsked);
    }
};
LIVE_TEST(ErrorsTest)

#include "errors_test.moc"
