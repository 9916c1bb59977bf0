#include "tests/support/test_main.h"

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
    void aLongSegmentMayTakeAsLongAsItHadToCatchUpWith() {
        QVERIFY(isOnAfter({}, Seconds(19)));
        QVERIFY(isOnAfter(Seconds(18), Seconds(5)));
        QVERIFY(!isOnAfter(Milliseconds(1100), Seconds(4)));
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
        QVERIFY(!isOnAfter(Seconds(20), Milliseconds(900)));
        QVERIFY(isOnAfter(Seconds(1), Seconds(7)));
        QVERIFY(isOnAfter(Seconds(6), Seconds(5)));
        QVERIFY(!isOnAfter(Seconds(2), Seconds(5)));
    }
};
LIVE_TEST(CatchUpTest)

#include "catch_up_test.moc"
