// Inputs that must come out right, one by one: made by ffmpeg, played in virtual time, decoded again.
#include "tests/support/test_main.h"

#include <cmath>

#include "common/av/frame_pool.h"
#include "server/transcode/worker/slate.h"
#include "tests/integration/worker/worker_run.h"

using namespace live;
using namespace live::test;
using namespace live::transcode;

namespace {

constexpr std::uint32_t kWidth = 320, kHeight = 180;

QStringList lavfi(const QString& source) { return {"-f", "lavfi", "-i", source}; }

QStringList h264(const QStringList& more = {}) {
    return QStringList{"-c:v", "libx264", "-preset", "ultrafast", "-g", "30"} + more;
}

// Plays a file from the start of a broadcast and checks what must always be so.
struct Played {
    WorkerRun run;
    Job job;

    explicit Played(const MediaFile& file, media::BroadcastPlan plan = smallPlan({30, 1}, kWidth, kHeight))
        : run(std::move(plan)), job(run.startJob()) {
        run.start(job);
        run.play(file);
        run.pass(Milliseconds(500));
    }
    QString errors() const {
        for (std::size_t rendition : {0U, 1U, 2U}) {
            if (const QString error = run.gridErrors(rendition, job.firstSlot); !error.isEmpty()) return error;
        }
        for (std::size_t rendition : {0U, 1U}) {
            const media::Rendition& wanted = run.plan().renditions[rendition];
            for (const WorkerRun::Shown& shown : run.decode(rendition)) {
                if (shown.picture->width != static_cast<int>(wanted.width) ||
                    shown.picture->height != static_cast<int>(wanted.height) ||
                    shown.picture->format != AV_PIX_FMT_YUV420P || shown.picture->colorspace != AVCOL_SPC_BT709 ||
                    shown.picture->color_range != AVCOL_RANGE_MPEG) {
                    return QStringLiteral("rendition %1 has a picture of another shape").arg(rendition);
                }
            }
        }
        return {};
    }
    // The picture on air in the middle of what was played.
    av::SharedFrame middle(std::size_t rendition = 0) const {
        const std::vector<WorkerRun::Shown> all = run.decode(rendition);
        return all[all.size() - std::min<std::size_t>(all.size(), 30)].picture;
    }
};

QString off(const Colour& colour, double y, double u, double v, double tolerance = 4) {
    if (std::abs(colour.y - y) <= tolerance && std::abs(colour.u - u) <= tolerance &&
        std::abs(colour.v - v) <= tolerance)
        return {};
    return QStringLiteral("%1 %2 %3").arg(colour.y).arg(colour.u).arg(colour.v);
}

Colour centre(const AVFrame& picture) {
    return meanColour(picture, picture.width / 2 - 16, picture.height / 2 - 16, 32, 32);
}

}  // namespace

class WorkerMatrixTest : public QObject {
    Q_OBJECT
private slots:
    void inputsOfTheOutputRateAreNeitherRepeatedNorDropped_data() {
        QTest::addColumn<QString>("rate");
        QTest::addColumn<quint32>("numerator");
        QTest::addColumn<quint32>("denominator");
        QTest::newRow("23.976") << "24000/1001" << 24000U << 1001U;
        QTest::newRow("25") << "25" << 25U << 1U;
        QTest::newRow("29.97") << "30000/1001" << 30000U << 1001U;
        QTest::newRow("50") << "50" << 50U << 1U;
        QTest::newRow("59.94") << "60000/1001" << 60000U << 1001U;
    }
    void inputsOfTheOutputRateAreNeitherRepeatedNorDropped() {
        QFETCH(QString, rate);
        QFETCH(quint32, numerator);
        QFETCH(quint32, denominator);
        WorkerRun run(smallPlan({numerator, denominator}, kWidth, kHeight));
        const Job job = run.startJob();
        run.start(job);
        run.play(makeMedia(lavfi(QString("testsrc2=size=320x180:rate=%1:duration=3").arg(rate)) + h264()));
        for (std::size_t rendition : {0U, 1U, 2U}) QCOMPARE(run.gridErrors(rendition, job.firstSlot), QString());
        const Heartbeat heartbeat = run.lastHeartbeat();
        // Repeated before the first picture's time: the back-filled segment and the input delay.
        const double backfill = 4 * Rational{numerator, denominator}.value();
        QVERIFY(static_cast<double>(heartbeat.repeatedFrames) < backfill);
        QCOMPARE(heartbeat.droppedFrames, std::uint64_t{0});
        QVERIFY(std::abs(heartbeat.inputRate.value() - Rational{numerator, denominator}.value()) < 0.5);
        const std::uint64_t repeatedByThen = heartbeat.repeatedFrames;
        run.pass(Milliseconds(100));
        QVERIFY(run.lastHeartbeat().repeatedFrames <= repeatedByThen + 8);
    }

    void aSlowInputIsRepeatedAndAFastOneThinned() {
        const Played slow(makeMedia(lavfi("testsrc2=size=320x180:rate=15:duration=3") + h264()));
        QCOMPARE(slow.errors(), QString());
        const Played fast(makeMedia(lavfi("testsrc2=size=320x180:rate=60:duration=3") + h264()));
        QCOMPARE(fast.errors(), QString());
        const std::uint64_t dropped = fast.run.lastHeartbeat().droppedFrames;
        QVERIFY2(dropped > 75 && dropped < 95, qPrintable(QString::number(dropped)));
    }

    void variableFrameRatesTileTheGrid() {
        const Played played(
            makeMedia(lavfi("testsrc2=size=320x180:rate=30:duration=4") +
                      QStringList{"-vf", "select='not(mod(n,3))+gt(mod(n,40),25)'", "-fps_mode", "vfr"} + h264()));
        QCOMPARE(played.errors(), QString());
    }

    void bFramesComeOutInOrder() {
        const QString ramp = "color=black:size=320x180:rate=30:duration=4,geq=lum='20+N*1.5':cb=128:cr=128";
        const Played played(
            makeMedia(lavfi(ramp) + QStringList{"-c:v", "libx264", "-bf", "3", "-b_strategy", "0", "-g", "60"}));
        QCOMPARE(played.errors(), QString());
        double last = 0;
        for (const WorkerRun::Shown& shown : played.run.decode(0)) {
            const double luma = centre(*shown.picture).y;
            QVERIFY(luma >= last - 1);
            last = std::max(last, luma);
        }
        QVERIFY(last > 180);
        QCOMPARE(played.run.lastHeartbeat().decodeErrors, std::uint64_t{0});
    }

    void interlacedPicturesAreDeinterlaced() {
        // One field in three is black: woven together they are stripes, deinterlaced they are plain.
        const QString fields =
            "color=black:size=320x180:rate=50:duration=3,geq=lum='if(mod(N,3),235,16)':cb=128:cr=128,interlace=lowpass="
            "off";
        const Played played(
            makeMedia(lavfi(fields) + h264({"-flags", "+ildct+ilme", "-x264-params", "tff=1", "-qp", "1"})),
            smallPlan({25, 1}, kWidth, kHeight));
        QCOMPARE(played.errors(), QString());
        QVERIFY(played.run.lastHeartbeat().inputInterlaced);
        const av::SharedFrame picture = played.middle();
        double stripes = 0;
        for (int row = 40; row < 140; ++row) {
            stripes += std::abs(picture->data[0][row * picture->linesize[0] + 160] -
                                picture->data[0][(row + 1) * picture->linesize[0] + 160]);
        }
        QVERIFY2(stripes / 100 < 40, qPrintable(QString::number(stripes / 100)));
    }

    // Red is (81, 90, 240) in BT.601 and (63, 102, 240) in BT.709, both limited.
    void everyPixelFormatAndMatrixBecomesBt709_data() {
        QTest::addColumn<QStringList>("arguments");
        const auto scaled = [](const QString& matrix, const QString& range, const QString& format) {
            return QStringList{"-vf",
                               QString("scale=out_color_matrix=%1:out_range=%2,format=%3").arg(matrix, range, format)};
        };
        QTest::newRow("BT.709") << scaled("bt709", "tv", "yuv420p") + QStringList{"-colorspace", "bt709"};
        QTest::newRow("BT.601") << scaled("bt601", "tv", "yuv420p") + QStringList{"-colorspace", "smpte170m"};
        QTest::newRow("untagged, small") << scaled("bt601", "tv", "yuv420p");
        QTest::newRow("full range") << scaled("bt709", "pc", "yuv420p") +
                                           QStringList{"-colorspace", "bt709", "-color_range", "pc"};
        QTest::newRow("BT.601 full range")
            << scaled("bt601", "pc", "yuvj420p") + QStringList{"-colorspace", "bt470bg", "-color_range", "pc"};
        QTest::newRow("10 bits") << scaled("bt709", "tv", "yuv420p10le") + QStringList{"-colorspace", "bt709"};
        QTest::newRow("4:2:2") << scaled("bt709", "tv", "yuv422p") + QStringList{"-colorspace", "bt709"};
        QTest::newRow("10 bits 4:2:2") << scaled("bt709", "tv", "yuv422p10le") + QStringList{"-colorspace", "bt709"};
        QTest::newRow("4:4:4") << scaled("bt709", "tv", "yuv444p") + QStringList{"-colorspace", "bt709"};
    }
    void everyPixelFormatAndMatrixBecomesBt709() {
        QFETCH(QStringList, arguments);
        const Played played(
            makeMedia(lavfi("color=red:size=320x180:rate=30:duration=2,format=rgb24") + arguments + h264()));
        QCOMPARE(played.errors(), QString());
        QCOMPARE(off(centre(*played.middle(0)), 63, 102, 240), QString());
        QCOMPARE(off(centre(*played.middle(1)), 63, 102, 240), QString());
    }

    void shapesKeepTheirProportions_data() {
        QTest::addColumn<QString>("source");
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<int>("barLeft");  // pixels of bars in the 320x180 canvas
        QTest::addColumn<int>("barTop");
        const QString white = "color=white:rate=30:duration=2:size=";
        QTest::newRow("same") << white + "1280x720" << QStringList{} << 0 << 0;
        QTest::newRow("odd size") << white + "641x361" << QStringList{"-pix_fmt", "yuv444p"} << 0 << 0;
        QTest::newRow("portrait") << white + "360x640" << QStringList{} << 109 << 0;
        QTest::newRow("wider") << white + "640x272" << QStringList{} << 0 << 22;
        QTest::newRow("anamorphic 16:9") << white + "720x576" << QStringList{"-vf", "setsar=64/45"} << 0 << 0;
        QTest::newRow("anamorphic 4:3") << white + "720x576" << QStringList{"-vf", "setsar=16/15"} << 40 << 0;
        QTest::newRow("turned") << white + "180x320"
                                << QStringList{"-g", "300", "-bsf:v",
                                               "h264_metadata=display_orientation=insert:rotate=90"}
                                << 0 << 0;
    }
    void shapesKeepTheirProportions() {
        QFETCH(QString, source);
        QFETCH(QStringList, arguments);
        QFETCH(int, barLeft);
        QFETCH(int, barTop);
        const Played played(makeMedia(lavfi(source) + h264() + arguments));
        QCOMPARE(played.errors(), QString());
        const av::SharedFrame picture = played.middle();
        const auto luma = [&](int x, int y) { return int{picture->data[0][y * picture->linesize[0] + x]}; };
        QVERIFY(luma(160, 90) > 200);
        constexpr int kSoft = 4;
        if (barLeft > 0) QVERIFY(luma(barLeft - kSoft, 90) < 40);
        if (barTop > 0) QVERIFY(luma(160, barTop - kSoft) < 40);
        QVERIFY(luma(barLeft + kSoft, barTop + kSoft) > 200);
        QVERIFY(luma(319 - barLeft - kSoft, 179 - barTop - kSoft) > 200);
    }

    void aTurnedPictureIsTurnedTheRightWay() {
        // Stored with the red side on the left. Shown turned counterclockwise by 90 degrees (rotate=90), left becomes
        // bottom.
        const QString source = "color=blue:size=180x320:rate=30:duration=2,drawbox=x=0:y=0:w=90:h=320:color=red:t=fill";
        const QStringList turn{"-g", "300", "-bsf:v", "h264_metadata=display_orientation=insert:rotate=90"};
        const Played played(makeMedia(lavfi(source) + h264({"-pix_fmt", "yuv420p"}) + turn));
        const av::SharedFrame picture = played.middle();
        QVERIFY(meanColour(*picture, 100, 150, 100, 20).v > 200);
        QVERIFY(meanColour(*picture, 100, 10, 100, 20).u > 200);
    }

    void hdrIsRefusedByName_data() {
        QTest::addColumn<QString>("transfer");
        QTest::addColumn<QString>("name");
        QTest::newRow("PQ") << "smpte2084" << "PQ";
        QTest::newRow("HLG") << "arib-std-b67" << "HLG";
    }
    void hdrIsRefusedByName() {
        QFETCH(QString, transfer);
        QFETCH(QString, name);
        const Played played(makeMedia(lavfi("testsrc2=size=320x180:rate=30:duration=1") +
                                      h264({"-pix_fmt", "yuv420p10le", "-color_trc", transfer, "-color_primaries",
                                            "bt2020", "-colorspace", "bt2020nc"})));
        const std::vector<Event> events = played.run.events(Event::Kind::Unsupported);
        QCOMPARE(events.size(), std::size_t{1});
        QVERIFY(QString::fromStdString(events.front().message).contains(name));
        QCOMPARE(played.errors(), QString());
    }

    void everySoundBecomesStereo48k_data() {
        QTest::addColumn<QStringList>("arguments");
        QTest::newRow("stereo 48 kHz") << QStringList{"-ac", "2"};
        QTest::newRow("mono") << QStringList{"-af", "pan=mono|c0=c0"};
        QTest::newRow("44.1 kHz") << QStringList{"-ac", "2", "-ar", "44100"};
        QTest::newRow("mono 22.05 kHz") << QStringList{"-af", "pan=mono|c0=c0", "-ar", "22050"};
        QTest::newRow("96 kHz") << QStringList{"-ac", "2", "-ar", "96000"};
    }
    void everySoundBecomesStereo48k() {
        QFETCH(QStringList, arguments);
        const QString tone = "aevalsrc=0.25*sin(2*PI*1000*t)|0.25*sin(2*PI*1000*t):sample_rate=48000:duration=3";
        const Played played(makeMedia(lavfi("color=gray:size=320x180:rate=30:duration=3") + lavfi(tone) + h264() +
                                      QStringList{"-c:a", "aac", "-b:a", "160k"} + arguments));
        QCOMPARE(played.errors(), QString());
        QCOMPARE(tonePower(played.run), QString());
    }

    void surroundSoundIsMixedDown() {
        const QString tone = "aevalsrc=0|0|0.25*sin(2*PI*1000*t)|0|0|0:channel_layout=5.1:sample_rate=48000:duration=3";
        const Played played(makeMedia(lavfi("color=gray:size=320x180:rate=30:duration=3") + lavfi(tone) + h264() +
                                      QStringList{"-c:a", "aac"}));
        QCOMPARE(played.errors(), QString());
        const std::vector<WorkerRun::Shown> sound = played.run.decode(2);
        double power = 0;
        const AVFrame& frame = *sound[sound.size() - 40].picture;
        QCOMPARE(frame.ch_layout.nb_channels, 2);
        for (int i = 0; i < 1024; ++i) power += std::pow(reinterpret_cast<const float*>(frame.data[0])[i], 2);
        QVERIFY2(std::sqrt(power / 1024) > 0.03, qPrintable(QString::number(std::sqrt(power / 1024))));
    }

    void anInputWithoutSoundGetsSilence() {
        const Played played(makeMedia(lavfi("testsrc2=size=320x180:rate=30:duration=2") + h264()));
        QCOMPARE(played.errors(), QString());
        for (const WorkerRun::Shown& shown : played.run.decode(2)) {
            for (int i = 0; i < 1024; ++i)
                QVERIFY(std::abs(reinterpret_cast<const float*>(shown.picture->data[0])[i]) < 0.001);
        }
    }

    void anInputWithoutPicturesGetsTheSlate() {
        const Played played(makeMedia(lavfi("sine=frequency=1000:sample_rate=48000:duration=3") +
                                      QStringList{"-c:a", "aac", "-ac", "2"}));
        QCOMPARE(played.errors(), QString());
        const av::SharedFrame shown = played.middle();
        av::FramePool pool(shown->width, shown->height);
        const av::FramePtr slate = pool.take();
        worker::drawSlate(*slate);
        const Colour wanted = centre(*slate);
        QCOMPARE(off(centre(*shown), wanted.y, wanted.u, wanted.v), QString());
    }

    void pictureAndSoundStayTogether_data() {
        QTest::addColumn<QStringList>("arguments");
        QTest::newRow("48 kHz") << QStringList{};
        QTest::newRow("44.1 kHz, B-frames") << QStringList{"-ar", "44100", "-bf", "2"};
        QTest::newRow("HE-AAC rates: 24 kHz") << QStringList{"-ar", "24000"};
    }
    void pictureAndSoundStayTogether() {
        QFETCH(QStringList, arguments);
        // At 2 s the picture turns white and the tone begins.
        const MediaFile file = makeMedia(
            lavfi("color=black:size=320x180:rate=30:duration=4,geq=lum='if(gte(T,2),235,16)':cb=128:cr=128") +
            lavfi("aevalsrc='if(gte(t,2),0.5*sin(2*PI*1000*t),0)':sample_rate=48000:duration=4") +
            QStringList{"-c:v", "libx264", "-preset", "fast", "-g", "30", "-bf", "0", "-c:a", "aac", "-ac", "2"} +
            arguments);
        const Played played(file);
        QCOMPARE(played.errors(), QString());
        std::optional<double> flash;
        const media::BroadcastPlan& plan = played.run.plan();
        for (const WorkerRun::Shown& shown : played.run.decode(0)) {
            if (!flash && centre(*shown.picture).y > 120) {
                flash =
                    std::chrono::duration<double>(plan.track(0).start(shown.frame) - plan.track(0).start(0)).count();
            }
        }
        std::optional<double> tone;
        for (const WorkerRun::Shown& shown : played.run.decode(2)) {
            for (int i = 0; i < 1024 && !tone; ++i) {
                if (std::abs(reinterpret_cast<const float*>(shown.picture->data[0])[i]) > 0.2F) {
                    tone = static_cast<double>(shown.frame * 1024 + i) / 48000;
                }
            }
        }
        QVERIFY(flash && tone);
        const double offset = *tone - *flash;
        // Half a frame of rounding to the grid, 20 ms for the rest.
        QVERIFY2(std::abs(offset) < 0.037, qPrintable(QString::number(offset)));
    }

private:
    // A tone of 1 kHz at -12 dB on both sides in the middle of what was played: amplitude, and zero crossings for the
    // pitch.
    static QString tonePower(const WorkerRun& run) {
        const std::vector<WorkerRun::Shown> sound = run.decode(2);
        const media::TrackGrid grid = run.plan().track(2);
        const std::int64_t to = grid.frameAtOrBefore(run.now() - Milliseconds(1000));
        for (const WorkerRun::Shown& shown : sound) {
            if (shown.frame > to || shown.frame < to - 40) continue;
            for (int side : {0, 1}) {
                const auto* samples = reinterpret_cast<const float*>(shown.picture->data[side]);
                double power = 0;
                int crossings = 0;
                for (int i = 0; i < 1024; ++i) {
                    power += double{samples[i]} * samples[i];
                    if (i > 0 && (samples[i] > 0) != (samples[i - 1] > 0)) ++crossings;
                }
                const double amplitude = std::sqrt(2 * power / 1024);
                if (std::abs(amplitude - 0.25) > 0.05 || std::abs(crossings - 43) > 3) {
                    return QStringLiteral("frame %1 side %2: amplitude %3, %4 crossings")
                        .arg(shown.frame)
                        .arg(side)
                        .arg(amplitude)
                        .arg(crossings);
                }
            }
        }
        return {};
    }
};

LIVE_TEST(WorkerMatrixTest)
#include "worker_matrix_test.moc"
