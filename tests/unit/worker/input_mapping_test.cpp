#include "tests/support/test_main.h"

#include "tests/unit/worker/bent_publisher.h"

using namespace live;
using namespace live::test;
using namespace live::transcode;
using namespace live::transcode::worker;

class InputMappingTest : public QObject {
    Q_OBJECT
private slots:
    void theFirstPacketIsShownAfterTheDelayAndTheRestKeepsItsDistance() {
        InputMapping mapping(kDelay, {});
        const auto first = mapping.map({.pts = Seconds(50), .dts = Seconds(50), .arrival = kStart});
        QCOMPARE(first.presentation, kStart + kDelay);
        const auto next = mapping.map({.pts = Seconds(50) + Milliseconds(80),
                                       .dts = Seconds(50) + Milliseconds(40),
                                       .arrival = kStart + Milliseconds(90)});
        QCOMPARE(next.presentation, kStart + kDelay + Milliseconds(80));
        QCOMPARE(next.decoding, kStart + kDelay + Milliseconds(40));
        const auto sound = mapping.map({.kind = media::MediaKind::Audio,
                                        .pts = Seconds(50) - Milliseconds(10),
                                        .dts = Seconds(50) - Milliseconds(10),
                                        .arrival = kStart + Milliseconds(100)});
        QCOMPARE(sound.presentation, kStart + kDelay - Milliseconds(10));
    }

    void anInputClockThatDriftsIsFollowed_data() {
        QTest::addColumn<double>("speed");
        QTest::newRow("+200 ppm") << 1 + 200e-6;
        QTest::newRow("-200 ppm") << 1 - 200e-6;
        QTest::newRow("none") << 1.0;
    }
    void anInputClockThatDriftsIsFollowed() {
        QFETCH(double, speed);
        Publisher publisher{.speed = speed};
        publisher.run(0, 6 * 3600);
        QVERIFY(publisher.repairs.empty());
        QVERIFY2(std::chrono::abs(publisher.lastDelay - kDelay) < Milliseconds(5),
                 inMilliseconds(publisher.lastDelay).constData());
        const double driftPpm = publisher.mapping.driftPpb() / 1000.0;
        QVERIFY2(std::abs(driftPpm + (speed - 1) * 1e6) < 20, qPrintable(QString::number(driftPpm)));
        QCOMPARE(publisher.mapping.delay(), kDelay);
        QVERIFY(publisher.worstOffset < 1e6);
    }

    void jitterWithinTheDelayChangesNothing() {
        Publisher publisher{
            .network = [](double t) { return 0.03 * (1 + std::sin(t * 12.9898) * std::cos(t * 78.233)); }};
        publisher.run(0, 600);
        QVERIFY(publisher.repairs.empty());
        QCOMPARE(publisher.mapping.delay(), kDelay);
        QVERIFY(std::chrono::abs(publisher.lastDelay - kDelay) < Milliseconds(60));
    }

    void aNetworkThatDelaysMoreOftenRaisesTheDelayGently() {
        // Every two seconds half a second of packets comes 250 ms late.
        Publisher publisher{.network = [](double t) { return t > 20 && std::fmod(t, 2) < 0.5 ? 0.25 : 0.0; }};
        publisher.run(0, 20);
        const Nanoseconds before = publisher.lastDelay;
        publisher.run(20, 30);
        QVERIFY(publisher.lastDelay - before <= Milliseconds(51));  // 5,000 ppm of 10 s
        publisher.run(30, 180);
        QVERIFY(publisher.mapping.delay() > Milliseconds(300) && publisher.mapping.delay() < Milliseconds(500));
        QVERIFY(publisher.lastDelay > Milliseconds(330));
        QVERIFY(publisher.repairs.empty());
        QVERIFY(publisher.worstOffset < 1e6);
        publisher.network = [](double) { return 0.0; };
        publisher.run(180, 1200);
        QVERIFY2(publisher.mapping.delay() < Milliseconds(270), inMilliseconds(publisher.mapping.delay()).constData());
    }

    void oneStallChangesNothing() {
        Publisher publisher{.network = [](double t) { return t > 60 && t < 63 ? 63 - t : 0.0; }};
        publisher.run(0, 120);
        QVERIFY(publisher.repairs.empty());
        QCOMPARE(publisher.mapping.delay(), kDelay);
        QVERIFY(std::chrono::abs(publisher.lastDelay - kDelay) < Milliseconds(2));
    }

    void theDelayStaysWithinTwoSeconds() {
        Publisher publisher{
            .network = [](double t) { return t > 20 && std::fmod(t, 2) < 1 ? 0.9 + 0.5 * std::sin(t) : 0.0; }};
        publisher.run(0, 900);
        QVERIFY(publisher.mapping.delay() <= InputMapping::kMaxDelay);
    }

    void jumpsAreMappedAnewForBothTracksTogether_data() {
        QTest::addColumn<double>("jump");
        QTest::newRow("an hour ahead") << 3600.0;
        QTest::newRow("back to zero") << -9.0;
        QTest::newRow("two seconds back") << -2.0;
    }
    void jumpsAreMappedAnewForBothTracksTogether() {
        QFETCH(double, jump);
        Publisher publisher;
        publisher.run(0, 10);
        publisher.inputStart += jump;
        publisher.run(10, 20);
        QCOMPARE(publisher.repairs.size(), std::size_t{2});
        QVERIFY(std::chrono::abs(publisher.lastDelay - kDelay) < Milliseconds(5));
        QVERIFY(publisher.worstOffset < 1e6);
    }

    void aPauseThatTheTimeStampsTellIsNoJump() {
        Publisher publisher;
        publisher.run(0, 10);
        publisher.run(18, 30);
        QVERIFY(publisher.repairs.empty());
        QVERIFY(std::chrono::abs(publisher.lastDelay - kDelay) < Milliseconds(5));
    }

    void tracksWhoseTimeStampsAreFarApartAreTiedToTheirArrival() {
        InputMapping mapping(kDelay, {});
        for (int i = 0; i < 200; ++i) {
            const OutputTime arrival = kStart + Milliseconds(20) * i;
            const auto picture =
                mapping.map({.pts = Milliseconds(20) * i, .dts = Milliseconds(20) * i, .arrival = arrival});
            const auto sound = mapping.map({.kind = media::MediaKind::Audio,
                                            .pts = Hours(1) + Milliseconds(20) * i,
                                            .dts = Hours(1) + Milliseconds(20) * i,
                                            .arrival = arrival});
            QVERIFY(std::chrono::abs(picture.presentation - arrival - kDelay) < Milliseconds(1));
            QVERIFY(std::chrono::abs(sound.presentation - arrival - kDelay) < Milliseconds(1));
            QVERIFY(picture.repair.empty() && sound.repair.empty());
        }
    }

    void theMeasuredDelayIsThatOfTheLaterTrack() {
        Publisher publisher{.videoLag = [](double t) { return t > 20 ? 0.1 : 0.0; }};
        QCOMPARE(publisher.mapping.measuredDelay(), kDelay);
        publisher.run(0, 22.5);
        QVERIFY2(std::chrono::abs(publisher.mapping.measuredDelay() - (kDelay - Milliseconds(100))) < Milliseconds(20),
                 inMilliseconds(publisher.mapping.measuredDelay()).constData());
    }

    void badPtsIsReplacedByDts() {
        InputMapping mapping(kDelay, {});
        mapping.map({.pts = Seconds(1), .dts = Seconds(1), .arrival = kStart});
        for (const Nanoseconds pts : {Nanoseconds(0), Nanoseconds(Seconds(99))}) {
            const auto mapped =
                mapping.map({.pts = pts, .dts = Seconds(1) + Milliseconds(40), .arrival = kStart + Milliseconds(40)});
            QCOMPARE(mapped.presentation, kStart + kDelay + Milliseconds(40));
            QVERIFY(!mapped.repair.empty());
        }
    }

    void aCheckpointCarriesTheMappingToAnotherWorker() {
        Publisher publisher{.speed = 1 + 100e-6};
        publisher.run(0, 3600);
        Checkpoint checkpoint;
        publisher.mapping.save(checkpoint);
        QVERIFY(checkpoint.hasInput);
        Publisher other{.speed = 1 + 100e-6};
        other.mapping.restore(checkpoint);
        other.run(3600, 3660);
        QVERIFY(std::chrono::abs(other.lastDelay - publisher.lastDelay) < Milliseconds(2));
        QVERIFY(other.repairs.empty());
    }

    void aCheckpointThatDoesNotFitIsForgotten() {
        InputMapping mapping(kDelay, {});
        mapping.restore({.slot = {},
                         .hasInput = true,
                         .inputAnchorNs = 0,
                         .outputAnchorNs = 0,
                         .driftPpb = 2'000'000'000,
                         .inputDelayMs = 1 << 30,
                         .audioPhaseSamples = 0,
                         .activeInput = 0});
        const auto mapped = mapping.map({.pts = Seconds(1), .dts = Seconds(1), .arrival = kStart});
        QVERIFY(mapped.presentation - kStart <= InputMapping::kMaxDelay);
    }

    void aNewPublisherStartsANewTimeLine() {
        Publisher publisher;
        publisher.run(0, 10);
        publisher.mapping.reset();
        publisher.inputStart = 500;
        publisher.run(10, 12);
        QVERIFY(publisher.repairs.empty());
        QVERIFY(std::chrono::abs(publisher.lastDelay - kDelay) < Milliseconds(2));
    }

private:
    using Hours = std::chrono::hours;
};

LIVE_TEST(InputMappingTest)
#include "input_mapping_test.moc"
