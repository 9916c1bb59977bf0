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
};
LIVE_TEST(StatsJsonTest)

#include "stats_json_test.moc"
