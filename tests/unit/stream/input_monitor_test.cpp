#include "tests/support/test_main.h"

#include "server/stream/input_monitor.h"

using namespace live;
using namespace live::stream;

class InputMonitorTest : public QObject {
    Q_OBJECT

    // 25 fps, a key frame every 50, 1000 bytes a frame; the sender's clock is off by `ppm`.
    static BootTime feed(InputMonitor& monitor, int frames, double ppm = 0) {
        BootTime arrival(Seconds(50));
        for (int i = 0; i < frames; ++i) {
            media::Packet packet;
            packet.isKey = i % 50 == 0;
            packet.timescale = 1'000'000;
            packet.pts = packet.dts = static_cast<std::int64_t>(i * 40'000 * (1 + ppm / 1e6));
            packet.data = Buffer(Bytes(1000));
            arrival = BootTime(Seconds(50)) + Milliseconds(40) * i;
            monitor.packet(packet, arrival);
        }
        return arrival;
    }

private slots:
    void ratesAreMeasuredOverTheLastSeconds() {
        InputMonitor monitor;
        const BootTime now = feed(monitor, 500);
        QVERIFY(std::abs(*monitor.frameRate(now) - 25) < 0.5);
        QVERIFY(std::abs(static_cast<double>(monitor.bitrate(now)) - 200'000) < 4'000);
        QCOMPARE(*monitor.gopSeconds(), 2.0);
        QCOMPARE(*monitor.frameRate(now + Seconds(6)), 0.0);
    }
    void theFrameRateIsRightFromTheFirstSecondOnAndBetweenTwoFrames() {
        for (const int frames : {16, 26, 51, 101, 500}) {
            InputMonitor monitor;
            const BootTime last = feed(monitor, frames);
            for (const Milliseconds after : {Milliseconds(0), Milliseconds(20), Milliseconds(39)})
                QVERIFY2(std::abs(*monitor.frameRate(last + after) - 25) < 0.01,
                         qPrintable(QString::number(*monitor.frameRate(last + after))));
        }
    }
    void theFrameRateFallsWhileNoFrameComes() {
        InputMonitor monitor;
        const BootTime last = feed(monitor, 101);
        QVERIFY(std::abs(*monitor.frameRate(last + Seconds(4)) - 12.5) < 0.2);
        media::Packet packet{.kind = media::MediaKind::Audio};
        packet.timescale = 1000;
        packet.data = Buffer(Bytes(100));
        for (int i = 1; i <= 300; ++i) monitor.packet(packet, last + Milliseconds(20) * i);
        QCOMPARE(*monitor.frameRate(last + Seconds(6)), 0.0);
    }
    void theFrameRateOfASingleFrameIsANumber() {
        InputMonitor monitor;
        const BootTime now = feed(monitor, 1);
        QCOMPARE(*monitor.frameRate(now + Seconds(4)), 0.25);
    }
    void whatWasNotMeasuredYetIsNotSaidToBeZero() {
        InputMonitor silent, begun;
        QVERIFY(!silent.frameRate(BootTime(Seconds(50))) && !silent.gopSeconds() && !silent.driftPpm());
        const BootTime now = feed(begun, 10);
        QVERIFY(!begun.frameRate(now) && !begun.gopSeconds() && !begun.driftPpm());
        InputMonitor untilDrift;
        feed(untilDrift, 25 * 19);
        QVERIFY(!untilDrift.driftPpm());
    }
    void anInputWithoutVideoHasNoFrameRate() {
        InputMonitor monitor;
        media::Packet packet{.kind = media::MediaKind::Audio};
        packet.timescale = 1000;
        packet.data = Buffer(Bytes(100));
        BootTime arrival(Seconds(50));
        for (int i = 0; i < 100; ++i, arrival += Milliseconds(20)) {
            packet.pts = packet.dts = i * 20;
            monitor.packet(packet, arrival);
        }
        QVERIFY(!monitor.frameRate(arrival) && !monitor.gopSeconds());
        QVERIFY(!monitor.frameRate(arrival + Seconds(6)));
    }
    void driftIsTheRateAtWhichTheBestDelayChanges() {
        for (double ppm : {0.0, 200.0, -200.0}) {
            InputMonitor monitor;
            feed(monitor, 25 * 120, ppm);
            QVERIFY2(std::abs(*monitor.driftPpm() - ppm) < 5, qPrintable(QString::number(*monitor.driftPpm())));
        }
    }
};
LIVE_TEST(InputMonitorTest)

#include "input_monitor_test.moc"
