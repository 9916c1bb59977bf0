#include "tests/support/test_main.h"

#include "tests/unit/worker/bent_publisher.h"

using namespace live;
using namespace live::test;
using namespace live::transcode;
using namespace live::transcode::worker;

// When the mapping jumps because of when packets arrive: held up, lost, and back.
class InputJumpsTest : public QObject {
    Q_OBJECT
private slots:
    void anInputThatStaysLateOrEarlyIsMappedAnew() {
        Publisher late{.network = [](double t) { return t > 10 ? 3.0 : 0.0; }};
        late.run(0, 30);
        QVERIFY(!late.repairs.empty());
        QVERIFY(late.lastDelay > Seconds(3) && late.lastDelay < Seconds(6));
        Publisher early{.speed = 4};
        early.run(0, 60, 0.005);
        QVERIFY(!early.repairs.empty());
        QVERIFY(early.lastDelay < Seconds(12));
    }

    void whatStaysALittleLateIsLostForThreeSecondsAtMost_data() {
        QTest::addColumn<double>("network");
        QTest::addColumn<double>("videoLag");
        QTest::addColumn<double>("stamps");
        QTest::newRow("300 ms late") << 0.3 << 0.0 << 0.0;
        QTest::newRow("600 ms late") << 0.6 << 0.0 << 0.0;
        QTest::newRow("1.5 s late") << 1.5 << 0.0 << 0.0;
        QTest::newRow("time stamps 800 ms back") << 0.0 << 0.0 << 0.8;
        QTest::newRow("only the video 600 ms late") << 0.0 << 0.6 << 0.0;
        QTest::newRow("only the audio 600 ms late") << 0.6 << -0.6 << 0.0;
    }
    void whatStaysALittleLateIsLostForThreeSecondsAtMost() {
        QFETCH(double, network);
        QFETCH(double, videoLag);
        QFETCH(double, stamps);
        Publisher publisher{.network = [=](double t) { return t > 20.5 ? network : 0.0; },
                            .videoLag = [=](double t) { return t > 20.5 ? videoLag : 0.0; }};
        publisher.run(0, 20.5);
        publisher.inputStart -= stamps;
        publisher.run(20.5, 120);
        QVERIFY2(publisher.lost < 3.1, qPrintable(QString::number(publisher.lost)));
        QCOMPARE(publisher.repairs.size(), std::size_t{1});
        QVERIFY2(publisher.repairs[0].find("too late for 2 s; it is shown") != std::string::npos,
                 publisher.repairs[0].c_str());
        const double late = network + std::max(videoLag, 0.0) + stamps;
        QVERIFY2(std::chrono::abs(publisher.shifted - Publisher::seconds(late)) < Milliseconds(20),
                 inMilliseconds(publisher.shifted).constData());
        QVERIFY(publisher.worstOffset < 1e6);
    }

    void aJamThatIsOverLeavesNoDelay_data() {
        QTest::addColumn<double>("late");
        QTest::addColumn<double>("drain");  // for how long the lateness goes down to nothing after 3 s
        QTest::addColumn<double>("begin");
        QTest::addColumn<double>("speed");
        QTest::newRow("250 ms") << 0.25 << 0.0 << 20.0 << 1.0;
        QTest::newRow("1.5 s") << 1.5 << 0.0 << 20.0 << 1.0;
        QTest::newRow("1.95 s") << 1.95 << 0.0 << 20.0 << 1.0;
        QTest::newRow("4 s") << 4.0 << 0.0 << 20.0 << 1.0;
        QTest::newRow("4 s, draining over 20 s") << 4.0 << 20.0 << 20.0 << 1.0;
        QTest::newRow("1.5 s, soon after the start") << 1.5 << 0.0 << 0.5 << 1.0;
        QTest::newRow("1.5 s, +200 ppm") << 1.5 << 0.0 << 20.0 << 1 + 200e-6;
        QTest::newRow("1.5 s, -200 ppm") << 1.5 << 0.0 << 20.0 << 1 - 200e-6;
    }
    void aJamThatIsOverLeavesNoDelay() {
        QFETCH(double, late);
        QFETCH(double, drain);
        QFETCH(double, begin);
        QFETCH(double, speed);
        const double end = begin + 3 + drain;
        Publisher publisher{.speed = speed, .network = [=](double t) {
                                if (t <= begin || t >= end) return 0.0;
                                return drain > 0 ? late * std::min(1.0, (end - t) / drain) : late;
                            }};
        publisher.run(0, end + late + 12);
        QVERIFY2(std::chrono::abs(publisher.lastDelay - kDelay) < Milliseconds(20),
                 inMilliseconds(publisher.lastDelay).constData());
        QVERIFY(std::chrono::abs(publisher.shifted) < Milliseconds(20));
        QVERIFY(publisher.worstOffset < 1e6);
        const std::size_t repairs = publisher.repairs.size();
        QVERIFY(repairs == 2 || (drain > 0 && repairs <= 4));
        for (std::size_t i = 1; i < repairs; ++i)
            QVERIFY2(publisher.repairs[i].ends_with("earlier from now on"), publisher.repairs[i].c_str());
        publisher.run(end + late + 12, 600);
        QVERIFY(std::chrono::abs(publisher.lastDelay - kDelay) < Milliseconds(20));
        QCOMPARE(publisher.repairs.size(), repairs);
        QVERIFY(publisher.worstOffset < 1e6);
    }

    void aLinkThatStaysJammedIsNotFollowedBackAndForth_data() {
        QTest::addColumn<double>("period");
        QTest::addColumn<double>("length");
        QTest::addColumn<double>("late");
        QTest::newRow("3 s of 8") << 8.0 << 3.0 << 1.5;
        QTest::newRow("3 s of 15") << 15.0 << 3.0 << 1.5;
        QTest::newRow("3 s of 40") << 40.0 << 3.0 << 1.5;
        QTest::newRow("6 s of 20") << 20.0 << 6.0 << 1.5;
        QTest::newRow("3 s of 8, 2.5 s late") << 8.0 << 3.0 << 2.5;
        QTest::newRow("3 s of 40, 2.5 s late") << 40.0 << 3.0 << 2.5;
    }
    void aLinkThatStaysJammedIsNotFollowedBackAndForth() {
        QFETCH(double, period);
        QFETCH(double, length);
        QFETCH(double, late);
        Publisher publisher{
            .network = [=](double t) { return t > 20 && std::fmod(t - 20, period) < length ? late : 0.0; }};
        publisher.run(0, 200);
        QVERIFY2(publisher.repairs.size() <= 7, qPrintable(QString::number(publisher.repairs.size())));
        const std::size_t before = publisher.repairs.size();
        const double lost = publisher.lost;
        publisher.run(200, 900);
        QCOMPARE(publisher.repairs.size(), before);
        QCOMPARE(publisher.lost, lost);
        publisher.network = [](double) { return 0.0; };
        publisher.run(900, 1000);
        QVERIFY2(publisher.lastDelay < kDelay + Milliseconds(100), inMilliseconds(publisher.lastDelay).constData());
    }

    void aNewPublisherComesBackFromItsFirstJamAfterTenSeconds_data() {
        QTest::addColumn<double>("from");  // when the publisher before it is jammed, for 3 s of every 40
        QTest::addColumn<double>("to");
        QTest::newRow("after ten minutes of jams") << 20.0 << 600.0;
        QTest::newRow("a minute after a jam") << 1140.0 << 1143.0;
    }
    void aNewPublisherComesBackFromItsFirstJamAfterTenSeconds() {
        QFETCH(double, from);
        QFETCH(double, to);
        Publisher publisher{
            .network = [=](double t) { return t > from && t < to && std::fmod(t - from, 40) < 3 ? 1.5 : 0.0; }};
        publisher.run(0, 1180);
        publisher.mapping.reset();
        publisher.inputStart += 100;
        publisher.network = [](double t) { return t > 1200 && t < 1203 ? 1.5 : 0.0; };
        publisher.run(1180, 1220);
        QVERIFY2(std::chrono::abs(publisher.lastDelay - kDelay) < Milliseconds(20),
                 inMilliseconds(publisher.lastDelay).constData());
    }

    void jamsTooShortToJumpForCostNothingWhenTheyComeAgain() {
        Publisher publisher{.network = [](double t) { return t > 20 && std::fmod(t - 20, 20) < 1.5 ? 0.5 : 0.0; }};
        publisher.run(0, 200);
        const double lost = publisher.lost;
        publisher.run(200, 900);
        QCOMPARE(publisher.lost, lost);
        QVERIFY(publisher.repairs.empty());
    }

    void whatStaysJitteryIsComeBackToOnlyAsFarAsNothingIsLost() {
        // After the jam a packet every other second is still 800 ms late.
        Publisher publisher{.network = [](double t) {
            if (t > 20 && t < 23) return 1.5;
            return t > 23 && std::fmod(t, 2) < 0.1 ? 0.8 : 0.0;
        }};
        publisher.run(0, 60);
        const double lost = publisher.lost;
        QVERIFY2(publisher.lastDelay > Milliseconds(850) && publisher.lastDelay < Milliseconds(1050),
                 inMilliseconds(publisher.lastDelay).constData());
        QCOMPARE(publisher.repairs.size(), std::size_t{2});
        publisher.run(60, 120);
        QCOMPARE(publisher.repairs.size(), std::size_t{2});
        QVERIFY2(publisher.lost - lost < 0.1, qPrintable(QString::number(publisher.lost - lost)));
    }

    void aDelayThatHasGrownBySlewingShrinksBySlewing_data() {
        QTest::addColumn<double>("jammed");  // how late everything is from 20 s to 23 s
        QTest::addColumn<double>("jump");    // of the time stamps at 28 s
        QTest::newRow("after a jam") << 1.5 << 0.0;
        QTest::newRow("after a jam that ends in a jump") << 1.5 << 3600.0;
        QTest::newRow("without a jam") << 0.0 << 0.0;
    }
    void aDelayThatHasGrownBySlewingShrinksBySlewing() {
        QFETCH(double, jammed);
        QFETCH(double, jump);
        Publisher publisher{.network = [=](double t) {
            if (t > 20 && t < 23) return jammed;
            return t > 60 && t < 300 && std::fmod(t, 2) < 0.5 ? 0.25 : 0.0;
        }};
        publisher.run(0, 28);
        publisher.inputStart += jump;
        publisher.run(28, 440);
        const Nanoseconds before = publisher.lastDelay;
        QVERIFY2(before > Milliseconds(330), inMilliseconds(before).constData());
        const std::size_t repairs = publisher.repairs.size();
        publisher.run(440, 540);
        QVERIFY2(std::chrono::abs(before - publisher.lastDelay - Milliseconds(50)) < Milliseconds(5),  // 500 ppm
                 inMilliseconds(publisher.lastDelay).constData());
        publisher.run(540, 900);
        QVERIFY(publisher.lastDelay < kDelay + Milliseconds(50));
        QCOMPARE(publisher.repairs.size(), repairs);
    }

    void calmBeforeAJumpOfTheTimeStampsDoesNotCount() {
        Publisher publisher{.network = [](double t) { return (t > 20 && t < 23) || (t > 31 && t < 34) ? 1.5 : 0.0; }};
        publisher.run(0, 30.9);
        publisher.inputStart += 3600;
        publisher.run(30.9, 43);
        QVERIFY2(publisher.lastDelay > Milliseconds(1600), inMilliseconds(publisher.lastDelay).constData());
    }

    void anotherWorkerComesBackFromAJamToo_data() {
        QTest::addColumn<double>("late");
        QTest::addColumn<double>("end");
        QTest::newRow("0.8 s, over") << 0.8 << 23.0;
        QTest::newRow("1.5 s, over") << 1.5 << 23.0;
        QTest::newRow("4 s, over") << 4.0 << 23.0;
        QTest::newRow("1.5 s, over when the other has settled") << 1.5 << 37.0;
        QTest::newRow("4 s, over when the other has settled") << 4.0 << 37.0;
    }
    void anotherWorkerComesBackFromAJamToo() {
        QFETCH(double, late);
        QFETCH(double, end);
        Publisher publisher{.network = [=](double t) { return t > 20 && t < end ? late : 0.0; }};
        publisher.run(0, 28);
        const Nanoseconds delay = publisher.lastDelay;
        QVERIFY(delay > Publisher::seconds(late));
        Checkpoint checkpoint;
        publisher.mapping.save(checkpoint);
        Publisher other{.network = publisher.network};
        other.mapping.restore(checkpoint);
        other.run(28, 30);
        QVERIFY2(std::chrono::abs(other.lastDelay - delay) < Milliseconds(20),
                 inMilliseconds(other.lastDelay).constData());
        other.run(30, 58);
        QVERIFY2(std::chrono::abs(other.lastDelay - kDelay) < Milliseconds(20),
                 inMilliseconds(other.lastDelay).constData());
        QCOMPARE(other.lost, 0.0);
    }

    void pausesAfterAJamAreNoJumps() {
        Publisher publisher{.network = [](double t) { return t > 20 && t < 23 ? 1.5 : 0.0; }};
        publisher.run(0, 27);
        const std::size_t repairs = publisher.repairs.size();
        // The encoder has left out 1.2 s of the video.
        for (double t = 27; t < 29; t += 0.02) {
            const Nanoseconds stamp = Publisher::seconds(publisher.inputStart + t);
            const OutputTime arrival = kStart + Publisher::seconds(t);
            OutputTime shown{};
            for (media::MediaKind kind : {media::MediaKind::Audio, media::MediaKind::Video}) {
                const bool isAudio = kind == media::MediaKind::Audio;
                if (!isAudio && t < 28.2) continue;
                const auto mapped =
                    publisher.mapping.map({.kind = kind, .pts = stamp, .dts = stamp, .arrival = arrival});
                QVERIFY2(mapped.repair.empty(), mapped.repair.c_str());
                if (isAudio) shown = mapped.presentation;
                QVERIFY(std::chrono::abs(mapped.presentation - shown) < Milliseconds(1));
            }
        }
        publisher.run(30.5, 31);
        QCOMPARE(publisher.repairs.size(), repairs);
    }

    void tracksThatComeMoreThanASecondApartAreTiedToTheirArrival() {
        Publisher publisher{.videoLag = [](double t) { return std::clamp((t - 20) * 0.9, 0.0, 1.5); }};
        publisher.run(0, 60);
        QVERIFY2(publisher.lost < 3.1, qPrintable(QString::number(publisher.lost)));
        QVERIFY(!publisher.repairs.empty());
        QVERIFY(std::chrono::abs(publisher.lastDelay - kDelay) < Milliseconds(5));
    }

    void aDelayThatIsTooShortForTheSoundGrowsAtOnce() {
        Publisher publisher{.mapping = InputMapping(Milliseconds(0), {})};
        publisher.run(0, 60);
        QVERIFY2(publisher.lost < 6, qPrintable(QString::number(publisher.lost)));
        QVERIFY(publisher.lastDelay > Milliseconds(100) && publisher.lastDelay < kDelay);
    }

    void aBacklogAtTheStartDoesNotStayAsDelay_data() {
        QTest::addColumn<double>("backlog");
        QTest::addColumn<double>("drain");  // how much faster than real time it comes
        QTest::newRow("2 s at once") << 2.0 << 1e9;
        QTest::newRow("300 ms at once") << 0.3 << 1e9;
        QTest::newRow("1 s over a second") << 1.0 << 2.0;
    }
    void aBacklogAtTheStartDoesNotStayAsDelay() {
        QFETCH(double, backlog);
        QFETCH(double, drain);
        Publisher publisher{
            .network = [=](double t) { return std::max(0.0, t < backlog * 3 ? (backlog + t / drain) - t : 0.0); }};
        publisher.run(0, 60);
        QVERIFY2(std::chrono::abs(publisher.lastDelay - kDelay) < Milliseconds(20),
                 inMilliseconds(publisher.lastDelay).constData());
        QVERIFY(std::chrono::abs(publisher.mapping.measuredDelay() - kDelay) < Milliseconds(20));
        QVERIFY(publisher.worstOffset < 1e6);
        QVERIFY(publisher.repairs.empty());
    }

    void aDelayThatIsTrimmedIsNotWhatTheFirstJitterMakes() {
        Publisher publisher{.network = [](double t) { return t < 1 ? 0.08 : 0.0; }};
        publisher.run(0, 10);
        QCOMPARE(publisher.shifted, Nanoseconds(0));
    }
};

LIVE_TEST(InputJumpsTest)
#include "input_jumps_test.moc"
