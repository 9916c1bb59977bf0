#include "tests/support/test_main.h"

#include "server/transcode/link/progress_watchdog.h"

using namespace live;
using namespace live::transcode;
using Verdict = ProgressWatchdog::Verdict;

namespace {

// A watchdog that is asked every 100 ms of virtual time.
struct Watched {
    BootTime now{Seconds(1000)};
    BootTime due = now;
    ProgressWatchdog watchdog{now, due, {}};

    // The first verdict but Alive within `span`, and when it was; Alive if there was none.
    std::pair<Verdict, Nanoseconds> run(Nanoseconds span, auto eachTick) {
        const BootTime start = now;
        while (now - start < span) {
            now += Milliseconds(100);
            eachTick(*this);
            const Verdict verdict = watchdog.check(now);
            if (verdict != Verdict::Alive) return {verdict, now - start};
        }
        return {Verdict::Alive, span};
    }
};

void hears(Watched& watched) { watched.watchdog.heard(watched.now); }
void takesInput(Watched& watched) {
    hears(watched);  // heartbeats do not help
    watched.watchdog.delivered(watched.now);
}
void sendsPackets(Watched& watched) {
    watched.watchdog.delivered(watched.now);
    watched.watchdog.produced(watched.now);
}

}  // namespace

class ProgressWatchdogTest : public QObject {
    Q_OBJECT
private slots:
    void aWorkerThatProducesIsAlive() {
        Watched watched;
        const auto verdict = watched.run(Seconds(60), [](Watched& each) {
            sendsPackets(each);
            each.watchdog.finishedSlot();
        });
        QVERIFY(verdict.first == Verdict::Alive);
    }
    void anEncoderThatStandsStillWhileTheOthersGoOnIsAHang() {
        Watched watched;
        watched.watchdog.produced(watched.now);
        watched.watchdog.delivered(watched.now);
        const auto [verdict, after] = watched.run(Seconds(10), sendsPackets);
        QVERIFY(verdict == Verdict::NoSlot);
        QVERIFY(after == Seconds(5));
    }
    void theFirstSlotMayTakeLonger() {
        Watched watched{.due = BootTime(Seconds(1010))};
        const auto [verdict, after] = watched.run(Seconds(20), sendsPackets);
        QVERIFY(verdict == Verdict::NoSlot);
        QVERIFY(after == Milliseconds(17'500));
    }
    void inputWithoutOutputForHalfASecondIsAHang() {
        Watched watched;
        watched.watchdog.produced(watched.now);
        watched.watchdog.delivered(watched.now);
        const auto [verdict, after] = watched.run(Seconds(5), takesInput);
        QVERIFY(verdict == Verdict::NoProgress);
        QVERIFY(after == Milliseconds(500));
    }
    void aWorkerWhoseFirstSlotIsAheadIsNotExpectedToProduceBefore() {
        Watched watched{.due = BootTime(Seconds(1010))};
        const auto [verdict, after] = watched.run(Seconds(20), takesInput);
        QVERIFY(verdict == Verdict::NoProgress);
        QVERIFY(after == Seconds(13));
    }
    void beforeItsFirstOutputAWorkerHasThreeSeconds() {
        Watched watched;
        const auto [verdict, after] = watched.run(Seconds(5), takesInput);
        QVERIFY(verdict == Verdict::NoProgress);
        QVERIFY(after == Seconds(3));
    }
    void withoutInputOnlyHeartbeatsCount() {
        Watched watched;
        watched.watchdog.produced(watched.now);
        QVERIFY(watched.run(Seconds(60), hears).first == Verdict::Alive);
        const auto [verdict, after] = watched.run(Seconds(5), [](Watched&) {});
        QVERIFY(verdict == Verdict::Silent);
        QVERIFY(after == Seconds(3));
    }
    void aWatchdogThatWasWokenLateGivesThatTimeBack() {
        Watched watched;
        watched.watchdog.produced(watched.now);
        watched.watchdog.delivered(watched.now);
        watched.now += Seconds(7);  // the machine stood still
        QVERIFY(watched.watchdog.check(watched.now) == Verdict::Alive);
        const auto [verdict, after] = watched.run(Seconds(5), hears);
        QVERIFY(verdict == Verdict::NoProgress);
        QVERIFY(after == Milliseconds(400));
    }
    void inputThatCameOnceCountsUntilOutputComes() {
        Watched watched;
        watched.watchdog.produced(watched.now);
        watched.watchdog.delivered(watched.now);
        watched.now += Milliseconds(90);
        watched.watchdog.delivered(watched.now);  // does not move the deadline
        const auto [verdict, after] = watched.run(Seconds(5), hears);
        QVERIFY(verdict == Verdict::NoProgress);
        QVERIFY(after <= Milliseconds(500));
    }
};
LIVE_TEST(ProgressWatchdogTest)

#include "progress_watchdog_test.moc"
