#include "tests/support/test_main.h"

#include "server/media/output_clock.h"

using namespace live;
using namespace live::media;

class OutputClockTest : public QObject {
    Q_OBJECT
private slots:
    void anErrorUnderASecondIsSlewedAwayWithoutAStep() {
        BootTime now(Seconds(1000));
        OutputClock clock(now, OutputTime(Seconds(1'780'000'000)));
        OutputTime reference = OutputTime(Seconds(1'780'000'000)) + Milliseconds(400);
        OutputTime before = clock.at(now);
        for (int i = 0; i < 20'000; ++i) {  // 2000 s in steps of 100 ms
            QVERIFY(clock.discipline(now, reference) == OutputClock::Discipline::Following);
            now += Milliseconds(100);
            reference += Milliseconds(100);
            const Nanoseconds step = clock.at(now) - before;
            before = clock.at(now);
            QVERIFY(step >= Nanoseconds(99'950'000) && step <= Nanoseconds(100'050'000));  // 500 ppm
        }
        const Nanoseconds error = reference - clock.at(now);
        QVERIFY(error < Milliseconds(1) && error > -Milliseconds(1));
    }
    void aStepOfASecondOrMoreLeavesTheTimeLineAlone() {
        const BootTime start(Seconds(1000));
        OutputClock clock(start, OutputTime(Seconds(1'780'000'000)));
        const OutputTime stepped = OutputTime(Seconds(1'780'000'000) - Seconds(3600));
        QVERIFY(clock.discipline(start, stepped) == OutputClock::Discipline::Stepped);
        QVERIFY(clock.at(start + Seconds(10)) == OutputTime(Seconds(1'780'000'010)));
    }
    void mappingAndInverseAgree() {
        const ClockMapping mapping{BootTime(Seconds(5)), OutputTime(Seconds(1'780'000'000)), -500'000};
        for (int seconds : {0, 1, 60, 86'400}) {
            const BootTime boot = BootTime(Seconds(5) + Seconds(seconds));
            QVERIFY(std::abs((mapping.when(mapping.at(boot)) - boot).count()) <= 1);
        }
    }
};
LIVE_TEST(OutputClockTest)

#include "output_clock_test.moc"
