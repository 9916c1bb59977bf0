#include "tests/support/test_main.h"

#include "server/media/plan_codec.h"
#include "server/stream/planner.h"

using namespace live;
using namespace live::stream;

namespace {
QString sizes(const std::vector<media::Rendition>& renditions) {
    QStringList list;
    for (const media::Rendition& rendition : renditions)
        list << QString("%1:%2x%3")
                    .arg(QString::fromStdString(rendition.id.text()))
                    .arg(rendition.width)
                    .arg(rendition.height);
    return list.join(' ');
}
}  // namespace

class PlannerTest : public QObject {
    Q_OBJECT
private slots:
    void theLadderFollowsTheSourceAndNeverUpscales_data() {
        QTest::addColumn<unsigned>("width");
        QTest::addColumn<unsigned>("height");
        QTest::addColumn<QString>("expected");
        QTest::newRow("1080p") << 1920u << 1080u
                               << "v1080:1920x1080 v720:1280x720 v480:854x480 v360:640x360 v160:284x160";
        QTest::newRow("720p") << 1280u << 720u << "v720:1280x720 v480:854x480 v360:640x360 v160:284x160";
        QTest::newRow("portrait") << 720u << 1280u << "v720:720x1280 v480:480x854 v360:360x640 v160:160x284";
        QTest::newRow("odd sizes") << 853u << 481u << "v480:852x480 v360:638x360 v160:284x160";
        QTest::newRow("square") << 480u << 480u << "v480:480x480 v360:360x360 v160:160x160";
        QTest::newRow("smaller than any rung") << 101u << 75u << "v74:100x74";
        QTest::newRow("4:3") << 640u << 480u << "v480:640x480 v360:480x360 v160:214x160";
    }
    void theLadderFollowsTheSourceAndNeverUpscales() {
        QFETCH(unsigned, width);
        QFETCH(unsigned, height);
        QFETCH(QString, expected);
        QCOMPARE(sizes(renditionsFor(defaultLadder(), width, height)), expected);
    }
    // A plan that its own reader refuses starts no worker.
    void noPictureIsTooWideForItsPlanToBeRead_data() {
        QTest::addColumn<unsigned>("width");
        QTest::addColumn<unsigned>("height");
        QTest::newRow("as wide as a source gets") << 163'840u << 1088u;
        QTest::newRow("as tall") << 1080u << 163'840u;
        QTest::newRow("thin") << 163'840u << 16u;
        QTest::newRow("a line") << 16'384u << 1u;
        QTest::newRow("a dot") << 1u << 1u;
    }
    void noPictureIsTooWideForItsPlanToBeRead() {
        QFETCH(unsigned, width);
        QFETCH(unsigned, height);
        const auto plan =
            planBroadcast(*StreamId::parse("show"), makeBroadcastId(UnixTime{}), {}, defaultLadder(),
                          {.frameRate = {25, 1}, .width = width, .height = height}, OutputTime(Seconds(1'780'000'001)));
        const auto read = media::decodePlan(media::encode(plan));
        QVERIFY2(read, read ? "" : read.error().message.c_str());
        QVERIFY(*read == plan);
    }
    void aPlanStartsOneSegmentInThePast() {
        const auto id = *StreamId::parse("show");
        const OutputTime now(Seconds(1'780'000'001));
        const auto plan = planBroadcast(id, makeBroadcastId(UnixTime{}), {}, defaultLadder(),
                                        {.frameRate = {25, 1}, .width = 1280, .height = 720}, now);
        QCOMPARE(plan.firstSegment, std::int64_t(889'999'999));
        QVERIFY((plan.grid.rate() == media::FrameRate{25, 1}));
        QVERIFY(plan.renditions.back().kind == media::MediaKind::Audio);
        QCOMPARE(plan.window, Seconds(30));
    }
    void withoutVideoThePictureIs720p30() {
        const auto plan = planBroadcast(*StreamId::parse("radio"), makeBroadcastId(UnixTime{}), {}, defaultLadder(), {},
                                        OutputTime(Seconds(100)));
        QCOMPARE(plan.renditions.front().width, 1280u);
        QVERIFY((plan.grid.rate() == media::FrameRate{30, 1}));
    }
};
LIVE_TEST(PlannerTest)

#include "planner_test.moc"
