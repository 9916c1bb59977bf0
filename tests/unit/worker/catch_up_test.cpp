#include "tests/support/test_main.h"

#include <cmath>

#include "server/transcode/worker/catch_up.h"

using namespace live;
using transcode::worker::CatchUp;

class CatchUpTest : public QObject {
    Q_OBJECT

    CatchUp m_catchUp;
    BootTime m_now{Seconds(100)};

    // Whether it is catching up after `time`, with frames that are `late` then.
    bool isOnAfter(Nanoseconds time, Nanoseconds late) {
        m_now += time;
        m_catchUp.judge(late, m_now);
        return m_catchUp.isOn();
    }

    // Encodes 30 frames a second of programme at `speed` until `late` is made up for, for `limit` at most, and says for
    // how long it was catching up.
    Nanoseconds encode(double speed, Nanoseconds& late, Nanoseconds limit) {
        const Nanoseconds frame = Nanoseconds(Seconds(1)) / 30;
        const Nanoseconds step{std::llround(static_cast<double>(frame.count()) / speed)};
        Nanoseconds wasOn{};
        for (const BootTime end = m_now + limit; m_now < end && late > Nanoseconds(0); late += step - frame) {
            if (isOnAfter(step, late)) wasOn += step;
        }
        return wasOn;
    }

private slots:
    void init() { m_catchUp = {}; }

    void itEndsWithTheFirstFrameThatIsOnTime() {
        QVERIFY(m_catchUp.isOn());
        QVERIFY(isOnAfter({}, Seconds(3)));
        QVERIFY(isOnAfter(Milliseconds(500), Seconds(1)));
        QVERIFY(!m_catchUp.hasBeenLive());
        QVERIFY(!isOnAfter(Milliseconds(500), Milliseconds(20)));
        QVERIFY(m_catchUp.hasBeenLive());
    }
    void itGoesOnForAsLongAsItGains_data() {
        QTest::addColumn<double>("speed");
        QTest::newRow("1.2") << 1.2;
        QTest::newRow("1.5") << 1.5;
        QTest::newRow("3") << 3.0;
    }
    void itGoesOnForAsLongAsItGains() {
        QFETCH(double, speed);
        Nanoseconds late = Milliseconds(18'500);
        const BootTime begin = m_now;
        const Nanoseconds wasOn = encode(speed, late, Seconds(200));
        QVERIFY(late <= Nanoseconds(0));
        QVERIFY(m_now - begin - wasOn < Seconds(1));  // the last frames count as on time
        QVERIFY(m_catchUp.hasBeenLive());
    }
    void anEncoderThatIsTooSlowIsGivenUpOnOnceAndForAll_data() {
        QTest::addColumn<double>("speed");
        QTest::newRow("0.95") << 0.95;
        QTest::newRow("1") << 1.0;
        QTest::newRow("1.05") << 1.05;
    }
    void anEncoderThatIsTooSlowIsGivenUpOnOnceAndForAll() {
        QFETCH(double, speed);
        Nanoseconds late = Seconds(14);
        const Nanoseconds wasOn = encode(speed, late, Seconds(200));
        QVERIFY2(wasOn < Milliseconds(14'100), qPrintable(QString::number(wasOn / Milliseconds(1))));
        QVERIFY(m_catchUp.isWorkedOff(false, m_now));
    }
    void oneThatGetsTooSlowOnTheWayIsGivenUpOnToo() {
        Nanoseconds late = Seconds(19);
        encode(1.78, late, Seconds(19) + Milliseconds(100));
        QVERIFY(m_catchUp.isOn());
        QVERIFY(encode(0.95, late, Seconds(200)) < Seconds(6));
    }
    void frozenAndThenTooSlowIsGivenTimeOnce() {
        QVERIFY(!isOnAfter({}, {}));
        Nanoseconds late = Milliseconds(10);
        QCOMPARE(encode(0.95, late, Seconds(100)), Nanoseconds(0));
        late += Seconds(8);
        m_now += Seconds(8);
        const Nanoseconds wasOn = encode(0.95, late, Seconds(100));
        QVERIFY(wasOn > Seconds(12) && wasOn < Seconds(14));
    }
    void aShortBacklogHasTwoSeconds() {
        QVERIFY(isOnAfter({}, Milliseconds(100)));
        QVERIFY(isOnAfter(Seconds(2), Milliseconds(400)));
        QVERIFY(!isOnAfter(Milliseconds(10), Milliseconds(400)));
    }
    void whatIsLeftInTheEncodersQueuesIsWorkedOffFirst() {
        QVERIFY(isOnAfter({}, Seconds(3)));
        QVERIFY(!m_catchUp.isWorkedOff(true, m_now));
        QVERIFY(!isOnAfter(Milliseconds(500), {}));
        QVERIFY(!m_catchUp.isWorkedOff(false, m_now));
        QVERIFY(m_catchUp.isWorkedOff(true, m_now + Milliseconds(200)));
        QVERIFY(m_catchUp.isWorkedOff(false, m_now + Milliseconds(400)));  // that is overload
        QVERIFY(isOnAfter(Seconds(20), Seconds(7)));
        QVERIFY(!m_catchUp.isWorkedOff(true, m_now));
    }
    void encodersThatAreNeverLevelAreTooSlow() {
        QVERIFY(isOnAfter({}, Seconds(3)));
        QVERIFY(!isOnAfter(Milliseconds(500), {}));
        QVERIFY(!m_catchUp.isWorkedOff(false, m_now + Seconds(2)));
        QVERIFY(m_catchUp.isWorkedOff(false, m_now + Milliseconds(2600)));
    }
    void aMachineThatStoodStillIsGivenTimeButNotAnEncoderThatIsTooSlow() {
        QVERIFY(!isOnAfter({}, {}));
        QVERIFY(!isOnAfter(Seconds(5), Seconds(7)));  // too soon after the last time
        QVERIFY(!isOnAfter(Seconds(20), Milliseconds(-900)));
        QVERIFY(!isOnAfter(Seconds(1), Milliseconds(900)));  // the frame had only come due
        QVERIFY(isOnAfter(Seconds(1), Seconds(7)));
        QVERIFY(isOnAfter(Seconds(6), Milliseconds(6500)));
        QVERIFY(!isOnAfter(Seconds(2), Milliseconds(6500)));
    }
};
LIVE_TEST(CatchUpTest)

#include "catch_up_test.moc"
