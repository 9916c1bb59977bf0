#include "tests/support/test_main.h"

#include "server/stream/takeover.h"

using namespace live;
using namespace live::stream;

class TakeoverTest : public QObject {
    Q_OBJECT
    const TakeoverRule::Encoder m_one{"10.0.0.1", "OBS"};
    const TakeoverRule::Encoder m_other{"10.0.0.2", "FFmpeg"};
    const BootTime m_start{Seconds(100)};

private slots:
    void theThirdTakeoverWithin30SecondsIsRefused() {
        TakeoverRule rule;
        QVERIFY(rule.mayTakeOver(m_one, m_start, m_other, m_start));
        QVERIFY(rule.mayTakeOver(m_other, m_start + Seconds(5), m_one, m_start + Seconds(5)));
        QVERIFY(!rule.mayTakeOver(m_one, m_start + Seconds(10), m_other, m_start + Seconds(10)));
        QVERIFY(rule.mayTakeOver(m_one, m_start + Seconds(36), m_other, m_start + Seconds(36)));
    }
    void anEncoderThatComesBackIsLetIn() {
        TakeoverRule rule;
        for (int i = 0; i < 20; ++i) {
            const BootTime now = m_start + Seconds(7 * i);
            QVERIFY(rule.mayTakeOver(m_one, now, m_one, now));
        }
    }
    void encodersThatLookTheSameFightFromTheSixthTakeoverWithin30SecondsOn() {
        TakeoverRule rule;
        for (int i = 0; i < 5; ++i) {
            const BootTime now = m_start + Milliseconds(500 * i);
            QVERIFY(rule.mayTakeOver(m_one, now, m_one, now));
        }
        QVERIFY(!rule.mayTakeOver(m_one, m_start + Seconds(3), m_one, m_start + Seconds(3)));
        QVERIFY(!rule.mayTakeOver(m_one, m_start + Seconds(30), m_one, m_start + Seconds(30)));
        QVERIFY(rule.mayTakeOver(m_one, m_start + Seconds(31), m_one, m_start + Seconds(31)));
    }
    void anEncoderThatComesBackAgainAndAgainWaitsUntilItsLastSessionIsSilent() {
        TakeoverRule rule;
        for (int i = 0; i < 5; ++i) QVERIFY(rule.mayTakeOver(m_one, m_start, m_one, m_start));
        QVERIFY(!rule.mayTakeOver(m_one, m_start, m_one, m_start + Seconds(1)));
        QVERIFY(rule.mayTakeOver(m_one, m_start, m_one, m_start + Milliseconds(1001)));
    }
    void comingBackIsNotHeldAgainstAnotherEncoder() {
        TakeoverRule rule;
        for (int i = 0; i < 5; ++i) QVERIFY(rule.mayTakeOver(m_one, m_start, m_one, m_start));
        QVERIFY(rule.mayTakeOver(m_one, m_start, m_other, m_start));
    }
    void replacingASessionThatWentSilentDoesNotCount() {
        TakeoverRule rule;
        for (int i = 0; i < 10; ++i) {
            const BootTime now = m_start + Seconds(2 * i);
            QVERIFY(rule.mayTakeOver(m_one, now - Milliseconds(1001), m_other, now));
        }
    }
    void theAddressIsThePeerWithoutItsPort() {
        QCOMPARE(addressOf("10.0.0.7:51234"), std::string("10.0.0.7"));
        QCOMPARE(addressOf("[::1]:51234"), std::string("[::1]"));
    }
};
LIVE_TEST(TakeoverTest)

#include "takeover_test.moc"
