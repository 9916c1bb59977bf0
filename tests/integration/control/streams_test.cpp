#include "tests/support/test_main.h"

#include <QJsonArray>

#include "server/control/secrets.h"
#include "tests/integration/control/api_fixture.h"

using namespace live;
using live::test::ApiFixture;

class StreamsApiTest : public QObject {
    Q_OBJECT
private slots:
    void aCreatedStreamIsShownWithItsKeyOnce() {
        ApiFixture api;
        QVERIFY(api.start());
        const auto created = api.request("POST", "/api/v1/streams", R"({"name":"Evening Show"})");
        QCOMPARE(created.status, 201);
        const QJsonObject json = created.json();
        const QString id = json["id"].toString(), key = json["stream_key"].toString();
        QVERIFY(id.startsWith("evening-show-"));
        QVERIFY(key.size() >= 32);
        QCOMPARE(created.headers.at("location"), QByteArray("/api/v1/streams/" + id.toUtf8()));
        QCOMPARE(json["state"], "idle");
        QCOMPARE(json["keys"][0]["key"], key);
        QCOMPARE(json["keys"][0]["hint"], key.right(4));
        QCOMPARE(json["ingest"][0]["url"], "rtmp://media.test/live/" + key);
        QCOMPARE(json["playback"]["hls"], "http://media.test/live/" + id + "/master.m3u8");
        QCOMPARE(json["playback"]["watch"], "http://media.test/watch/" + id);

        const auto shown = api.request("GET", "/api/v1/streams/" + id.toUtf8());
        QCOMPARE(shown.status, 200);
        QVERIFY(!shown.body.contains(key.toUtf8()));
        QVERIFY(!shown.body.contains(control::digestOf(key.toStdString()).c_str()));
        QCOMPARE(shown.json()["keys"][0]["hint"], key.right(4));
    }
    void aCreatedStreamIsInThePolicyBeforeItIsAnswered() {
        ApiFixture api;
        QVERIFY(api.start());
        const auto created = api.request("POST", "/api/v1/streams", R"({"name":"x","id":"show"})").json();
        const auto policy = api.plane.policy();
        const auto key = policy->keys.find(control::digestOf(created["stream_key"].toString().toStdString()));
        QVERIFY(key != policy->keys.end());
        QCOMPARE(key->second.stream.text(), std::string("show"));
        QVERIFY(policy->streams.at(*StreamId::parse("show")).enabled);
    }
    void streamsAreListedInPages() {
        ApiFixture api;
        QVERIFY(api.start());
        for (const char* id : {"a", "b", "c"})
            QCOMPARE(api.request("POST", "/api/v1/streams", QByteArray(R"({"name":"n","id":")") + id + "\"}").status,
                     201);
        const auto first = api.request("GET", "/api/v1/streams?limit=2").json();
        QCOMPARE(first["items"].toArray().size(), 2);
        QCOMPARE(first["next_cursor"], "b");
        const auto second = api.request("GET", "/api/v1/streams?limit=2&cursor=b").json();
        QCOMPARE(second["items"].toArray().size(), 1);
        QCOMPARE(second["items"][0]["id"], "c");
        QVERIFY(second["next_cursor"].isNull());
    }
    void withoutATokenNothingBelowApiIsAnswered() {
        ApiFixture api;
        QVERIFY(api.start());
        auto client = api.client();
        for (const QByteArray& wrong : {QByteArray(), QByteArray("wrong"), api.token() + "x"}) {
            client->token = wrong;
            for (const char* path : {"/api/v1/streams", "/api/v1/streams/none", "/api/nothing"}) {
                const auto answer = client->request("GET", path);
                QVERIFY(answer);
                QCOMPARE(answer->status, 401);
                QVERIFY(answer->headers.at("www-authenticate").startsWith("Bearer"));
                QVERIFY(answer->json()["detail"].toString().contains("admin.token"));
                QCOMPARE(answer->headers.at("content-type"), QByteArray("application/problem+json"));
            }
        }
    }
};
LIVE_TEST(StreamsApiTest)

#include "streams_test.moc"
