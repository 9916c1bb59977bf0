// GStreamer as the broadcaster: its own RTMP client (rtmp2sink) and librtmp (rtmpsink), which OBS is built on.
#include "tests/support/test_main.h"

#include <QProcess>

#include "tests/integration/ingest/server_under_test.h"

using namespace live;
using namespace live::test;
using media::MediaKind;

namespace {

bool hasElement(const char* name) {
    QProcess inspect;
    inspect.start("gst-inspect-1.0", {"--exists", name});
    return inspect.waitForFinished() && inspect.exitStatus() == QProcess::NormalExit && inspect.exitCode() == 0;
}

}  // namespace

class RtmpGstreamerTest : public QObject {
    Q_OBJECT
private slots:
    void otherClientsPushTheSame_data() {
        QTest::addColumn<QByteArray>("sink");
        QTest::addColumn<QString>("suffix");
        QTest::newRow("rtmp2sink") << QByteArray("rtmp2sink") << "";
        QTest::newRow("librtmp") << QByteArray("rtmpsink") << " live=1";
    }
    void otherClientsPushTheSame() {
        QFETCH(QByteArray, sink);
        QFETCH(QString, suffix);
        for (const char* element : {sink.constData(), "flvmux", "x264enc", "voaacenc"})
            QVERIFY2(hasElement(element), qPrintable(QString("GStreamer has no %1 here").arg(element)));
        ServerUnderTest server;
        QProcess gstreamer;
        gstreamer.setProcessChannelMode(QProcess::MergedChannels);
        const QString location = QString::fromStdString(server.url("/live/right-key")) + suffix;
        gstreamer.start("gst-launch-1.0",
                        QStringList{"-e"}
                            << QString(
                                   "videotestsrc num-buffers=50 ! video/x-raw,width=320,height=180,framerate=25/1 ! "
                                   "x264enc tune=zerolatency speed-preset=ultrafast key-int-max=25 ! h264parse ! "
                                   "flvmux name=mux streamable=true ! %1")
                                   .arg(QString(sink))
                                   .split(' ')
                            << "location=" + location
                            << QString("audiotestsrc num-buffers=94 samplesperbuffer=1024 ! "
                                       "audio/x-raw,rate=48000,channels=2 ! voaacenc ! mux.")
                                   .split(' '));
        QVERIFY2(server.runUntil([&] { return gstreamer.state() == QProcess::NotRunning; }),
                 gstreamer.readAll().constData());
        const QByteArray said = gstreamer.readAll();
        QVERIFY2(server.publishPoint.recordings.size() == 1, said.constData());
        const auto& recording = *server.publishPoint.recordings[0];
        QVERIFY(server.runUntil([&] { return recording.end.has_value(); }));
        QVERIFY2(recording.violations.empty(), said.constData());
        QCOMPARE(recording.tracks.size(), std::size_t(2));
        QCOMPARE(recording.count(MediaKind::Video), std::size_t(50));
        QVERIFY(recording.count(MediaKind::Audio) >= 90);
        std::vector<std::int64_t> times;
        for (const auto& packet : recording.packets)
            if (packet.kind == MediaKind::Video) times.push_back(packet.pts);
        QVERIFY(std::ranges::is_sorted(times));
        QVERIFY(times.back() - times.front() >= 1950 && times.back() - times.front() <= 1970);
        QCOMPARE(server.counters().protocolErrors, std::uint64_t(0));
    }
};
LIVE_TEST(RtmpGstreamerTest)

#include "rtmp_gstreamer_test.moc"
