#include "tests/support/test_main.h"

#include <optional>

#include "server/transcode/worker/shedding.h"

using namespace live;
using namespace live::transcode::worker;

namespace {

// Slots of 10 frames, six to a segment of 2 s; tells the policy how far each rung is behind the output clock.
struct Show {
    SheddingPolicy policy{3};
    std::int64_t slot = 600;

    std::vector<SheddingPolicy::Change> next(std::vector<std::int64_t> behind) {
        const std::int64_t frame = slot * 10;
        for (std::int64_t& rung : behind) rung = frame - rung;
        const auto changes = policy.decide({.now = OutputTime(Nanoseconds(slot * 1'000'000'000 / 3)),
                                            .frame = frame,
                                            .slotFrames = 10,
                                            .isSegmentStart = slot % 6 == 0,
                                            .encoded = behind});
        ++slot;
        return changes;
    }
    // Slots until something changes.
    std::optional<std::int64_t> until(const std::vector<std::int64_t>& behind, std::int64_t most) {
        for (std::int64_t i = 0; i < most; ++i) {
            if (!next(behind).empty()) return i;
        }
        return std::nullopt;
    }
};

}  // namespace

class SheddingTest : public QObject {
    Q_OBJECT
private slots:
    void nothingIsShedWhileAllKeepUp() {
        Show show;
        QVERIFY(!show.until({2, 1, 0}, 100));
        QVERIFY(!show.until({10, 10, 10}, 100));
    }

    void aRungMoreThanASlotBehindTheLowestGoesToHalfItsFramesThenOff() {
        Show show;
        const auto first = show.next({12, 1, 1});
        QCOMPARE(first.size(), std::size_t{1});
        QCOMPARE(first[0].rung, std::size_t{0});
        QCOMPARE(first[0].level, ShedLevel::HalfRate);
        QVERIFY(show.next({12, 1, 1}).empty());
        QVERIFY(show.next({12, 1, 1}).empty());
        const auto second = show.next({12, 1, 1});
        QCOMPARE(second.size(), std::size_t{1});
        QCOMPARE(second[0].level, ShedLevel::Off);
        QCOMPARE(show.policy.level(1), ShedLevel::Full);
    }

    void aRungThreeSlotsBehindGetsNoGrace() {
        Show show;
        show.next({20, 0, 0});
        QCOMPARE(show.next({40, 0, 0}).at(0).level, ShedLevel::Off);
    }

    void theTopRungGoesWhenTheLowestIsBehindTheClock() {
        Show show;
        QCOMPARE(show.next({12, 12, 11}).at(0).rung, std::size_t{0});
        QCOMPARE(show.next({45, 45, 45}).at(0).level, ShedLevel::Off);
        QCOMPARE(show.next({45, 45, 45}).at(0).rung, std::size_t{1});
    }

    void theLowestIsNeverShed() {
        Show show;
        for (int i = 0; i < 100; ++i) {
            for (const auto& change : show.next({900, 900, 900})) QVERIFY(change.rung < 2);
        }
        QCOMPARE(show.policy.level(2), ShedLevel::Full);
        SheddingPolicy single(1);
        const std::array<std::int64_t, 1> encoded{0};
        QVERIFY(single.decide({.now = {}, .frame = 900, .slotFrames = 10, .isSegmentStart = true, .encoded = encoded})
                    .empty());
    }

    void rungsComeBackAtASegmentStartFromBelowAndOneAtATime() {
        Show show;
        while (show.policy.level(0) != ShedLevel::Off || show.policy.level(1) != ShedLevel::Off)
            show.next({90, 90, 45});
        QVERIFY(show.until({0, 0, 0}, 60));
        QCOMPARE((show.slot - 1) % 6, 0);
        QCOMPARE(show.policy.level(1), ShedLevel::Full);
        QCOMPARE(show.policy.level(0), ShedLevel::Off);
        QVERIFY(show.until({0, 0, 0}, 60));
        QCOMPARE(show.policy.level(0), ShedLevel::Full);
    }

    void halfTheFramesIsLeftAfterFourQuietSeconds() {
        Show show;
        show.next({12, 0, 0});
        const std::optional<std::int64_t> waited = show.until({0, 0, 0}, 60);
        QVERIFY(waited && *waited >= 11 && *waited <= 18);
        QCOMPARE(show.policy.level(0), ShedLevel::Full);
    }

    void aRungThatFailsAgainWaitsLonger() {
        Show show;
        std::int64_t before = 0;
        for (int round = 0; round < 5; ++round) {
            while (show.policy.level(0) != ShedLevel::Off) show.next({50, 0, 0});
            std::int64_t waited = 0;
            while (show.policy.level(0) == ShedLevel::Off && waited < 1000) {
                show.next({50, 0, 0});
                ++waited;
            }
            QVERIFY2(waited >= 30 && waited < 260, qPrintable(QString::number(waited)));
            QVERIFY(waited + 6 >= before);
            before = waited;
        }
        QVERIFY(before > 200);
    }

    void aFullQueueTurnsARungOff() {
        Show show;
        QCOMPARE(show.policy.turnOff(1, OutputTime(Seconds(200))).level, ShedLevel::Off);
        QVERIFY(show.next({0, 900, 0}).empty());
    }
};

LIVE_TEST(SheddingTest)
#include "shedding_test.moc"
