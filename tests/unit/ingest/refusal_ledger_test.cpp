#include "tests/support/test_main.h"

#include "server/ingest/rtmp/refusal_ledger.h"

using namespace live;
using live::ingest::rtmp::RefusalLedger;
using Verdict = RefusalLedger::Verdict;

namespace {

const BootTime kStart(Seconds(1000));

RefusalLedger::Network ipv4(std::uint32_t address) {
    return RefusalLedger::networkOf({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, static_cast<std::uint8_t>(address >> 24),
                                     static_cast<std::uint8_t>(address >> 16), static_cast<std::uint8_t>(address >> 8),
                                     static_cast<std::uint8_t>(address)});
}
RefusalLedger::Network ipv6(std::uint8_t subnet, std::uint8_t host) {
    return RefusalLedger::networkOf({0x20, 1, 0xD, 0xB8, 0, 0, 0, subnet, 0, 0, 0, 0, 0, 0, 0, host});
}
void refuse(RefusalLedger& ledger, const RefusalLedger::Network& network, int times, BootTime now = kStart) {
    for (int i = 0; i < times; ++i) ledger.refused(network, now);
}

}  // namespace

class RefusalLedgerTest : public QObject {
    Q_OBJECT
private slots:
    void tenRefusalsAreAllowedAndThenOneEverySixSeconds() {
        RefusalLedger ledger(10);
        refuse(ledger, ipv4(1), 9);
        QVERIFY(ledger.arrived(ipv4(1), kStart) == Verdict::Allowed);
        refuse(ledger, ipv4(1), 1);
        QVERIFY(ledger.arrived(ipv4(1), kStart) != Verdict::Allowed);
        QVERIFY(ledger.arrived(ipv4(1), kStart + Milliseconds(5999)) != Verdict::Allowed);
        QVERIFY(ledger.wait(ipv4(1), kStart + Milliseconds(5999)) == Milliseconds(1));
        QVERIFY(ledger.wait(ipv4(1), kStart + Seconds(7)) == Seconds(0));
        QVERIFY(ledger.wait(ipv4(2), kStart) == Seconds(0));
        QVERIFY(ledger.arrived(ipv4(1), kStart + Seconds(6)) == Verdict::Allowed);
        refuse(ledger, ipv4(1), 1, kStart + Seconds(6));
        QVERIFY(ledger.arrived(ipv4(1), kStart + Seconds(6)) != Verdict::Allowed);
        refuse(ledger, ipv4(1), 9, kStart + Seconds(66));
        QVERIFY(ledger.arrived(ipv4(1), kStart + Seconds(66)) == Verdict::Allowed);
    }
    void refusalsOfSessionsThatWereOpenDoNotLengthenTheWait() {
        RefusalLedger ledger(10);
        refuse(ledger, ipv4(1), 1000);
        QVERIFY(ledger.arrived(ipv4(1), kStart + Seconds(6)) == Verdict::Allowed);
    }
    void addressesAreToldApartIpv6OnesByTheir64() {
        RefusalLedger ledger(10);
        refuse(ledger, ipv4(1), 10);
        refuse(ledger, ipv6(1, 1), 10);
        QVERIFY(ledger.arrived(ipv4(2), kStart) == Verdict::Allowed);
        QVERIFY(ledger.arrived(ipv6(1, 2), kStart) != Verdict::Allowed);
        QVERIFY(ledger.arrived(ipv6(2, 1), kStart) == Verdict::Allowed);
    }
    void anAddressThatPublishesIsNotLimitedAndPaysNothing() {
        RefusalLedger ledger(10);
        refuse(ledger, ipv4(1), 10);
        ledger.publishes(ipv4(1));
        ledger.publishes(ipv4(1));
        ledger.publishesNoMore(ipv4(1));
        QVERIFY(ledger.arrived(ipv4(1), kStart) == Verdict::Allowed);
        refuse(ledger, ipv4(1), 10, kStart + Seconds(6));
        ledger.publishesNoMore(ipv4(1));
        QVERIFY(ledger.arrived(ipv4(1), kStart + Seconds(6)) == Verdict::Allowed);
    }
    void oneLineAMinuteIsWorthSaying() {
        RefusalLedger ledger(1);
        refuse(ledger, ipv4(1), 10);
        QVERIFY(ledger.arrived(ipv4(1), kStart) == Verdict::TurnedAwayFirst);
        QVERIFY(ledger.arrived(ipv4(1), kStart + Milliseconds(59'999)) == Verdict::TurnedAway);
        refuse(ledger, ipv4(1), 10, kStart + Seconds(59));
        QVERIFY(ledger.arrived(ipv4(1), kStart + Seconds(60)) == Verdict::TurnedAwayFirst);
    }
    void theTableIsBoundedAndForgetsWhoIsFullest() {
        RefusalLedger ledger(10);
        refuse(ledger, ipv4(1), 10);
        for (std::uint32_t i = 0; i < 10'000; ++i) refuse(ledger, ipv4(100 + i), 1);
        QCOMPARE(ledger.size(), RefusalLedger::kMaxNetworks);
        QVERIFY(ledger.arrived(ipv4(1), kStart) != Verdict::Allowed);
    }
    void zeroSwitchesItOff() {
        RefusalLedger ledger(0);
        refuse(ledger, ipv4(1), 1000);
        QVERIFY(ledger.arrived(ipv4(1), kStart) == Verdict::Allowed);
        QCOMPARE(ledger.size(), std::size_t(0));
    }
};
LIVE_TEST(RefusalLedgerTest)

#include "refusal_ledger_test.moc"
