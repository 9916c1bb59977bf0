#include "tests/support/test_main.h"

#include "server/media/grid.h"

using namespace live;
using namespace live::media;

namespace {
const std::vector<FrameRate> kRates{{24000, 1001}, {24, 1}, {25, 1},       {30000, 1001},
                                    {30, 1},       {50, 1}, {60000, 1001}, {60, 1}};

template <class Check>
void forEveryGrid(Check check) {
    for (FrameRate rate : kRates)
        for (LatencyProfile profile : {LatencyProfile::Low, LatencyProfile::Ultra})
            for (int seconds : {1, 2, 3, 7, 10}) check(Grid(Seconds(seconds), profile, rate));
}
}  // namespace

class GridTest : public QObject {
    Q_OBJECT
private slots:
    void everyFrameBelongsToTheSlotThatHoldsItsStart() {
        forEveryGrid([](const Grid& grid) {
            for (const TrackGrid& track : {grid.video(), grid.audio()}) {
                const std::int64_t from = grid.slotIndex({891'403'212, 0});
                for (std::int64_t index = from; index < from + 3 * grid.slotsPerSegment(); ++index) {
                    const std::int64_t first = grid.firstFrame(track, index);
                    const std::int64_t next = grid.firstFrame(track, index + 1);
                    QVERIFY(next > first);
                    QVERIFY(grid.slotOfFrame(track, first - 1) == grid.slot(index - 1));
                    for (std::int64_t frame = first; frame < next; ++frame)
                        QVERIFY(grid.slotOfFrame(track, frame) == grid.slot(index));
                }
            }
        });
    }
    void partsKeepThe85PercentRuleOfTheVideoPartTarget() {  // rfc8216bis: DURATION >= 0.85 PT but for the last part
        forEveryGrid([](const Grid& grid) {
            const Nanoseconds target(grid.partTarget10us() * 10'000);
            for (std::int64_t k = 891'403'200; k < 891'403'210; ++k)
                for (std::int32_t p = 0; p < grid.slotsPerSegment(); ++p)
                    for (const TrackGrid& track : {grid.video(), grid.audio()}) {
                        const Nanoseconds part = grid.partDuration(track, {k, p});
                        QVERIFY(part <= target);
                        const bool isLast = p == grid.slotsPerSegment() - 1;
                        QVERIFY2(isLast || part.count() * 100 >= target.count() * 85,
                                 qPrintable(QString("%1/%2 fps, D %3, part %4, %5 ns of %6 ns")
                                                .arg(grid.rate().numerator)
                                                .arg(grid.rate().denominator)
                                                .arg(grid.segmentDuration().count())
                                                .arg(p)
                                                .arg(part.count())
                                                .arg(target.count())));
                    }
        });
    }
    void theExampleOfTheSpecificationSheetComesOut() {
        const Grid grid(Seconds(2), LatencyProfile::Low, {30, 1});
        QCOMPARE(grid.slotsPerSegment(), 6);
        QCOMPARE(grid.partTarget10us(), std::int64_t(34134));  // 16 AAC frames
        const SlotId slot{891'406'812, 0};
        QCOMPARE(toRfc3339(grid.partStart(grid.video(), slot)), std::string("2026-06-30T10:00:24.000Z"));
        QCOMPARE(grid.partDuration(grid.video(), slot).count(), std::int64_t(333'333'333));
        QCOMPARE(grid.partDuration(grid.video(), {slot.segment, 1}).count(), std::int64_t(333'333'334));
    }
    void timeAndFrameNumbersConvertBothWays() {
        for (FrameRate rate : kRates) {
            const TrackGrid track = videoTrack(rate);
            for (std::int64_t frame = 53'484'192'000; frame < 53'484'192'200; ++frame) {
                const OutputTime start = track.start(frame);
                QCOMPARE(track.frameAtOrAfter(start), frame);
                QCOMPARE(track.frameAtOrBefore(start), frame);
                QCOMPARE(track.frameAtOrAfter(start + Nanoseconds(1)), frame + 1);
                QCOMPARE(track.frameAtOrBefore(start - Nanoseconds(1)), frame - 1);
            }
        }
    }
    void inputRatesMapToTheEightRatesOfTheGrid_data() {
        QTest::addColumn<double>("input");
        QTest::addColumn<double>("output");
        for (auto [input, output] : {std::pair{15.0, 30.0},
                                     {12.5, 25.0},
                                     {10.0, 30.0},
                                     {29.97, 29.97},
                                     {30.0, 30.0},
                                     {24.0, 24.0},
                                     {23.976, 23.976},
                                     {59.94, 59.94},
                                     {120.0, 60.0},
                                     {100.0, 50.0},
                                     {48.0, 50.0},
                                     {0.0, 30.0},
                                     {1.0, 24.0},
                                     {240.0, 60.0},
                                     {20.0, 60.0}})
            QTest::addRow("%g", input) << input << output;
    }
    void inputRatesMapToTheEightRatesOfTheGrid() {
        QFETCH(double, input);
        QFETCH(double, output);
        const FrameRate rate = outputRate({static_cast<std::uint32_t>(input * 1000), 1000});
        QVERIFY2(std::abs(rate.value() - output) < 0.01, qPrintable(QString::number(rate.value())));
    }
};
LIVE_TEST(GridTest)

#include "grid_test.moc"
