#include "tests/support/test_main.h"

#include <cmath>

#include "server/control/convert/stats_json.h"

using namespace live;

class StatsJsonTest : public QObject {
    Q_OBJECT
private slots:
    void measuredNumbersHaveAtMostThreeDecimals() {
        stream::InputStats input;
        input.frameRate = 30.113389510950903;
        stream::StreamStats stats;
        stats.inputs = {input};
        QCOMPARE(control::toJson(stats)["inputs"][0]["fps"].toDouble(), 30.113);
    }
    void whatCouldNotBeMeasuredIsNull() {
        stream::InputStats input;
        input.frameRate = std::nan("");
        stream::StreamStats stats;
        stats.inputs = {input};
        QVERIFY(control::toJson(stats)["inputs"][0]["fps"].isNull());
    }
    void whatWasNotMeasuredYetIsNull() {
        stream::StreamStats stats;
        stats.inputs.emplace_back();
        stats.renditions = {{.id = "v720", .kind = "video"}, {.id = "a0", .kind = "audio"}};
        stats.worker.emplace();
        const QJsonObject json = control::toJson(stats);
        for (const char* field : {"fps", "gop_s", "drift_ppm"}) QVERIFY2(json["inputs"][0][field].isNull(), field);
        for (int i : {0, 1}) QVERIFY(json["renditions"][i]["encode_speed"].isNull());
        QVERIFY(json["worker"]["speed"].isNull());
        QVERIFY(json["latency_ms"].isNull());
    }
    void aZeroThatWasMeasuredIsZero() {
        stream::StreamStats stats;
        stats.inputs = {{.frameRate = 0, .driftPpm = 0}};
        const QJsonObject json = control::toJson(stats);
        for (const char* field : {"fps", "drift_ppm"}) QVERIFY2(json["inputs"][0][field].isDouble(), field);
    }
};
LIVE_TEST(StatsJsonTest)

#include "stats_json_test.moc"
