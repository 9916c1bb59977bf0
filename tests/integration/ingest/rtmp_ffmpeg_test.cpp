// The ffmpeg command line tool as the broadcaster.
#include "tests/support/test_main.h"

#include <QProcess>
#include <map>

#include "server/media/aac.h"
#include "server/media/h264.h"
#include "tests/integration/ingest/server_under_test.h"

using namespace live;
using namespace live::test;
using media::EndReason;
using media::MediaKind;

namespace {

struct Ffmpeg {
    QProcess process;

    Ffmpeg(const std::string& url, const QStringList& output, bool isEndless = false) {
        const QString duration = isEndless ? "600" : "2";
        QStringList arguments{"-hide_banner", "-loglevel", "info", "-nostdin"};
        if (isEndless) arguments << "-re";
        arguments << "-f" << "lavfi" << "-i" << "testsrc2=size=320x180:rate=25" << "-f" << "lavfi" << "-i"
                  << "sine=frequency=440:sample_rate=48000" << "-t" << duration;
        arguments << output << "-f" << "flv" << QString::fromStdString(url);
        process.setProcessChannelMode(QProcess::MergedChannels);
        process.start("ffmpeg", arguments);
    }
    ~Ffmpeg() {
        process.kill();
        process.waitForFinished();
    }
    bool isFinished() const { return process.state() == QProcess::NotRunning; }
};

const QStringList kVideo{"-c:v", "libx264", "-preset", "ultrafast", "-g", "25", "-pix_fmt", "yuv420p"};
const QStringList kAudio{"-c:a", "aac", "-ac", "2", "-b:a", "96k"};

// Decoding times never go back, and no picture is shown before it can be decoded.
void checkTimes(const std::vector<media::Packet>& packets) {
    std::map<MediaKind, std::int64_t> last;
    for (const auto& packet : packets) {
        QCOMPARE(packet.timescale, 1000u);
        QVERIFY(packet.pts >= packet.dts);
        if (last.contains(packet.kind)) QVERIFY(packet.dts >= last[packet.kind]);
        last[packet.kind] = packet.dts;
    }
}

}  // namespace

class RtmpFfmpegTest : public QObject {
    Q_OBJECT
private slots:
    void aPushArrivesWhole_data() {
        QTest::addColumn<std::string>("path");
        QTest::addColumn<std::string>("application");
        QTest::newRow("live") << std::string("/live/right-key") << std::string("live");
        QTest::newRow("app") << std::string("/app/right-key") << std::string("app");
        QTest::newRow("key in the query") << std::string("/live/show?key=right-key") << std::string("live");
    }
    void aPushArrivesWhole() {
        QFETCH(std::string, path);
        QFETCH(std::string, application);
        ServerUnderTest server;
        Ffmpeg ffmpeg(server.url(path), QStringList() << kVideo << "-bf" << "2" << kAudio);
        QVERIFY2(server.runUntil([&] { return ffmpeg.isFinished(); }), ffmpeg.process.readAll().constData());
        QCOMPARE(server.publishPoint.recordings.size(), std::size_t(1));
        const auto& recording = *server.publishPoint.recordings[0];
        QVERIFY(server.runUntil([&] { return recording.end.has_value(); }));
        QVERIFY(recording.end == EndReason::Unpublished);
        QVERIFY(recording.violations.empty());
        QCOMPARE(recording.request.application, application);
        QVERIFY(recording.request.encoder.starts_with("FMLE/3.0"));

        QCOMPARE(recording.tracks.size(), std::size_t(2));
        for (const auto& track : recording.tracks) {
            if (track.kind == MediaKind::Video) {
                const auto configuration = media::h264::parseConfiguration(track.configuration.view());
                const auto sps = media::h264::parseSps(configuration->sequenceParameterSets[0]);
                QCOMPARE(sps->width, 320u);
                QCOMPARE(sps->height, 180u);
                QVERIFY((sps->frameRate == Rational{25, 1}));
            } else {
                const auto configuration = media::aac::parseConfiguration(track.configuration.view());
                QCOMPARE(configuration->sampleRate, 48000u);
                QCOMPARE(media::aac::codecString(*configuration), std::string("mp4a.40.2"));
            }
        }
        QCOMPARE(recording.count(MediaKind::Video), std::size_t(50));
        QVERIFY(recording.count(MediaKind::Audio) >= 94);  // 2 s of 1024 samples at 48 kHz, and the encoder's priming
        checkTimes(recording.packets);
        std::vector<std::int64_t> keys, shown;
        for (const auto& packet : recording.packets) {
            if (packet.kind != MediaKind::Video) continue;
            if (packet.isKey) keys.push_back(packet.pts);
            shown.push_back(packet.pts);
        }
        QCOMPARE(keys.size(), std::size_t(2));
        QCOMPARE(keys[1] - keys[0], std::int64_t(1000));
        QVERIFY(!std::ranges::is_sorted(shown));  // B-frames
        std::ranges::sort(shown);
        for (std::size_t i = 1; i < shown.size(); ++i) QCOMPARE(shown[i] - shown[i - 1], std::int64_t(40));

        QCOMPARE(recording.metadata.size(), std::size_t(1));
        QVERIFY(recording.metadata[0].width == 320u);
        QVERIFY(recording.metadata[0].frameRate == 25.0);
        QVERIFY(recording.metadata[0].hasVideo == true && recording.metadata[0].hasAudio == true);
    }
    void onlyVideoAndOnlyAudioAreTaken() {
        for (const bool hasVideo : {true, false}) {
            ServerUnderTest server;
            const QStringList output = hasVideo ? QStringList() << "-an" << kVideo : QStringList() << "-vn" << kAudio;
            Ffmpeg ffmpeg(server.url("/live/right-key"), output);
            QVERIFY(server.runUntil([&] { return ffmpeg.isFinished(); }));
            QCOMPARE(server.publishPoint.recordings.size(), std::size_t(1));
            const auto& recording = *server.publishPoint.recordings[0];
            QVERIFY(server.runUntil([&] { return recording.end.has_value(); }));
            QCOMPARE(recording.count(MediaKind::Video) > 0, hasVideo);
            QCOMPARE(recording.count(MediaKind::Audio) > 0, !hasVideo);
            QVERIFY(recording.metadata.at(0).hasVideo == hasVideo);
            QVERIFY(recording.metadata.at(0).hasAudio == !hasVideo);
            checkTimes(recording.packets);
        }
    }
    void ffmpegIsToldWhyItIsRefused_data() {
        QTest::addColumn<std::string>("path");
        QTest::addColumn<QStringList>("output");
        QTest::addColumn<QByteArray>("message");
        QTest::newRow("wrong key") << std::string("/live/wrong-key") << (QStringList() << kVideo << kAudio)
                                   << QByteArray("this stream key is not known; copy it again");
        QTest::newRow("unknown application") << std::string("/vod/right-key") << (QStringList() << kVideo << kAudio)
                                             << QByteArray("this address takes no streams; push to rtmp://");
        QTest::newRow("MP3") << std::string("/live/right-key")
                             << (QStringList() << kVideo << "-c:a" << "libmp3lame" << "-ar" << "44100")
                             << QByteArray("MP3 audio is not supported; set the encoder's audio codec to AAC");
    }
    void ffmpegIsToldWhyItIsRefused() {
        QFETCH(std::string, path);
        QFETCH(QStringList, output);
        QFETCH(QByteArray, message);
        ServerUnderTest server;
        Ffmpeg ffmpeg(server.url(path), output, true);
        QByteArray said;
        QVERIFY2(server.runUntil([&] {
            said += ffmpeg.process.readAll();
            server.advance(Milliseconds(2));
            return ffmpeg.isFinished();
        }),
                 said.constData());
        QVERIFY2(said.contains(message), said.constData());
        QVERIFY(ffmpeg.process.exitCode() != 0);
    }
    void aKilledBroadcasterIsALostOne() {
        ServerUnderTest server;
        Ffmpeg ffmpeg(server.url("/live/right-key"), QStringList() << kVideo << kAudio, true);
        QVERIFY(server.runUntil([&] {
            return !server.publishPoint.recordings.empty() && server.publishPoint.recordings[0]->packets.size() > 20;
        }));
        ffmpeg.process.kill();
        const auto& recording = *server.publishPoint.recordings[0];
        QVERIFY(server.runUntil([&] { return recording.end.has_value(); }));
        QVERIFY(recording.end == EndReason::ConnectionLost);
    }
};
LIVE_TEST(RtmpFfmpegTest)

#include "rtmp_ffmpeg_test.moc"
