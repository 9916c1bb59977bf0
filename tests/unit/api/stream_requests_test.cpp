#include "tests/support/test_main.h"

#include "common/api/json.h"
#include "common/api/stream_requests.h"

using namespace live;
using namespace live::api;

namespace {

QJsonObject object(std::string_view text) { return parseObject(text).value(); }

// The pointers of what a create request is refused for.
std::vector<std::string> refusedAtCreate(std::string_view text) {
    std::vector<std::string> pointers;
    if (const auto draft = parseCreateStream(object(text)); !draft)
        for (const FieldError& error : draft.error().errors) pointers.push_back(error.pointer);
    return pointers;
}

using Pointers = std::vector<std::string>;

Stream someStream() {
    Stream stream{.id = *StreamId::parse("show"), .name = "Show"};
    stream.settings.ladder = Ladder{{720, 3'000'000}};
    stream.settings.segmentDuration = Seconds(4);
    stream.settings.latencyProfile = LatencyProfile::Ultra;
    stream.settings.window = Seconds(60);
    return stream;
}

}  // namespace

class StreamRequestsTest : public QObject {
    Q_OBJECT
private slots:
    void aNameIsEnough() {
        const auto draft = parseCreateStream(object(R"({"name":"show"})"));
        QCOMPARE(*draft, (StreamDraft{.name = "show"}));
        QVERIFY(draft->enabled);
    }
    void everythingThatMayBeChosenIsRead() {
        const auto draft = parseCreateStream(object(
            R"({"name":"s","id":"my-id","enabled":false,"ladder":[{"height":360},{"height":720,"bitrate_bps":3000000}],
                "segment_duration_s":4,"latency_profile":"ultra","window_s":64})"));
        QVERIFY(draft);
        QCOMPARE(draft->id->text(), std::string("my-id"));
        QVERIFY(!draft->enabled);
        QCOMPARE(*draft->settings.ladder, (Ladder{{720, 3'000'000}, {360, defaultBitrate(360)}}));
        QCOMPARE(draft->settings.segmentDuration, Seconds(4));
        QVERIFY(draft->settings.latencyProfile == LatencyProfile::Ultra);
        QCOMPARE(*draft->settings.window, Seconds(64));
    }
    void everyWrongValueIsReportedAtItsPlace_data() {
        QTest::addColumn<QByteArray>("body");
        QTest::addColumn<QByteArrayList>("pointers");
        const auto row = [](const char* body, QByteArrayList pointers) {
            QTest::newRow(body) << QByteArray(body) << pointers;
        };
        row("{}", {"/name"});
        row(R"({"name":""})", {"/name"});
        row(R"({"name":"   "})", {"/name"});
        row(R"({"name":"a\nb"})", {"/name"});
        row(R"({"name":null})", {"/name"});
        row(R"({"name":"n","id":"-x"})", {"/id"});
        row(R"({"name":"n","id":"Show"})", {"/id"});
        row(R"({"name":"n","id":"a/b"})", {"/id"});
        row(R"({"name":"n","enabled":1})", {"/enabled"});
        row(R"({"name":"n","ladder":{}})", {"/ladder"});
        row(R"({"name":"n","ladder":[]})", {"/ladder"});
        row(R"({"name":"n","ladder":[7]})", {"/ladder/0"});
        row(R"({"name":"n","ladder":[{"bitrate_bps":1}]})", {"/ladder/0/bitrate_bps", "/ladder/0/height"});
        row(R"({"name":"n","ladder":[{"height":360},{"height":721}]})", {"/ladder/1/height"});
        row(R"({"name":"n","ladder":[{"height":720},{"height":99999999999}]})", {"/ladder/1/height"});
        row(R"({"name":"n","ladder":[{"height":720},{"height":720}]})", {"/ladder/1/height"});
        row(R"({"name":"n","ladder":[{"height":720,"fps":30}]})", {"/ladder/0/fps"});
        row(R"({"name":"n","ladder":[{"height":720,"bitrate_bps":0}]})", {"/ladder/0/bitrate_bps"});
        row(R"({"name":"n","segment_duration_s":0})", {"/segment_duration_s"});
        row(R"({"name":"n","segment_duration_s":11})", {"/segment_duration_s"});
        row(R"({"name":"n","segment_duration_s":2.5})", {"/segment_duration_s"});
        row(R"({"name":"n","latency_profile":"lowest"})", {"/latency_profile"});
        row(R"({"name":"n","window_s":15})", {"/window_s"});
        row(R"({"name":"n","segment_duration_s":10,"window_s":60})", {"/window_s"});
        row(R"({"name":"n","window_s":4000})", {"/window_s"});
        row(R"({"name":7,"enabled":"no","window_s":"1","x":1})", {"/name", "/enabled", "/window_s", "/x"});
        row(R"({"name":"n","state":"live"})", {"/state"});
    }
    void everyWrongValueIsReportedAtItsPlace() {
        QFETCH(QByteArray, body);
        QFETCH(QByteArrayList, pointers);
        Pointers expected;
        for (const QByteArray& pointer : pointers) expected.push_back(pointer.toStdString());
        QCOMPARE(refusedAtCreate(body.toStdString()), expected);
    }
    void aWrongLengthIsAnsweredWithTheRangeThereIs() {
        const auto detail = [](const char* body) {
            const auto draft = parseCreateStream(object(body));
            return draft ? std::string() : draft.error().errors.at(0).detail;
        };
        const std::string segment = "segment_duration_s is not a whole number from 1 to 10";
        QCOMPARE(detail(R"({"name":"n","segment_duration_s":1.5})"), segment);
        QCOMPARE(detail(R"({"name":"n","segment_duration_s":11})"), segment);
        const std::string window = "window_s is not a whole number from 8 to 3600";
        QCOMPARE(detail(R"({"name":"n","window_s":20.5})"), window);
        QCOMPARE(detail(R"({"name":"n","window_s":3601})"), window);
        QCOMPARE(detail(R"({"name":"n","window_s":15})"),
                 std::string("window_s is not from 8 segments (16 s) to 3600 s"));
    }
    void aNameHasAtMost200Bytes() {
        QCOMPARE(refusedAtCreate("{\"name\":\"" + std::string(200, 'x') + "\"}"), Pointers());
        QCOMPARE(refusedAtCreate("{\"name\":\"" + std::string(201, 'x') + "\"}"), Pointers{"/name"});
    }
    void nullAtCreateIsTheDefault() {
        QCOMPARE(*parseCreateStream(object(R"({"name":"s","id":null,"ladder":null,"window_s":null,"enabled":null})")),
                 (StreamDraft{.name = "s"}));
    }
    void aPatchChangesWhatItNamesOnly() {
        const Stream stream = someStream();
        const auto draft = parseStreamPatch(stream, object(R"({"name":"Late"})"));
        QCOMPARE(*draft, (StreamDraft{.name = "Late", .enabled = true, .settings = stream.settings}));
    }
    void nullInAPatchBringsBackTheDefault() {
        const auto draft = parseStreamPatch(
            someStream(),
            object(R"({"ladder":null,"window_s":null,"latency_profile":null,"segment_duration_s":null})"));
        QCOMPARE(draft->settings, BroadcastSettings());
    }
    void aPatchIsCheckedTogetherWithWhatItLeaves() {
        // 8 segments of 10 s do not fit the 60 s that are there.
        const auto draft = parseStreamPatch(someStream(), object(R"({"segment_duration_s":10})"));
        QVERIFY(!draft);
        QCOMPARE(draft.error().errors.at(0).pointer, std::string("/window_s"));
    }
    void whatIsNotWritableIsRefusedInAPatch() {
        for (const char* text : {R"({"id":"other"})", R"({"state":"live"})", R"({"keys":[]})", R"({"name":null})"})
            QVERIFY2(!parseStreamPatch(someStream(), object(text)), text);
    }
    void backupKeysAreRefusedByName() {
        QVERIFY(*parseCreateKey(object("{}")) == KeyRole::Primary);
        QVERIFY(*parseCreateKey(object(R"({"role":"primary"})")) == KeyRole::Primary);
        QVERIFY(parseCreateKey(object(R"({"role":"backup"})")).error().detail.contains("backup"));
        QCOMPARE(parseCreateKey(object(R"({"role":"spare"})")).error().status, 422);
        QCOMPARE(parseCreateKey(object(R"({"rule":"primary"})")).error().status, 422);
    }
    void aStopHoldsTheKeyForAMinuteUnlessToldOtherwise() {
        QCOMPARE(*parseStop(object("{}")), Seconds(60));
        QCOMPARE(*parseStop(object(R"({"hold_s":0})")), Seconds(0));
        QVERIFY(!parseStop(object(R"({"hold_s":3601})")));
        QVERIFY(!parseStop(object(R"({"hold":1})")));
    }
};
LIVE_TEST(StreamRequestsTest)

#include "stream_requests_test.moc"
