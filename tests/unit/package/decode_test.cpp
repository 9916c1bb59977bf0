// What we write, judged by somebody else: libavformat and libavcodec, through the ffmpeg command line.
#include "tests/support/test_main.h"

#include <QFile>
#include <QProcess>
#include <QTemporaryDir>

#include "server/media/h264.h"
#include "server/package/hls/multivariant.h"
#include "tests/unit/package/broadcast.h"

using namespace live;
using namespace live::test;

namespace {

struct Run {
    int exitCode = -1;
    QByteArray out, err;
};

Run run(const QString& program, const QStringList& arguments) {
    QProcess process;
    process.start(program, arguments);
    if (!process.waitForFinished(60'000)) return {};
    return {process.exitCode(), process.readAllStandardOutput(), process.readAllStandardError()};
}

Buffer fileBytes(const QString& path) {
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly)) return {};
    return Buffer::copyOf(file.readAll().toStdString());
}

// Encoded once with the ladder's settings: access units of H.264 and AAC, as a worker sends them.
struct Encoded {
    Buffer avcConfiguration;
    std::vector<Buffer> pictures;
    Buffer aacConfiguration = Buffer(Bytes{0x11, 0x90});
    std::vector<Buffer> sounds;
};

bool startsPicture(ByteView nal) {
    const auto type = media::h264::nalType(nal);
    return type == media::h264::NalType::Slice || type == media::h264::NalType::IdrSlice;
}

std::vector<Buffer> pictures(const Buffer& annexB) {
    std::vector<Buffer> pictures;
    ByteWriter sample;
    for (const ByteView nal : media::h264::splitAnnexB(annexB.view())) {
        sample.u32(nal.size()).bytes(nal);
        if (!startsPicture(nal)) continue;
        pictures.emplace_back(sample.take());
        sample = {};
    }
    return pictures;
}

std::vector<Buffer> adtsFrames(const Buffer& adts) {  // ISO/IEC 14496-3 §1.A.2.2
    std::vector<Buffer> frames;
    for (std::size_t at = 0; at + 7 <= adts.size();) {
        const std::uint8_t* header = adts.data() + at;
        const std::size_t size = (header[3] & 3u) << 11 | header[4] << 3 | header[5] >> 5;
        frames.push_back(adts.slice(at + 7, size - 7));
        at += size;
    }
    return frames;
}

struct Source {
    QString picture = "testsrc2=";
    QString sound = "sine=r=48000";
    QStringList rateControl = {"-crf", "32"};
};

// 21 s with a key frame each `keyDistance` frames.
Encoded encode(const QString& folder, const QString& rate, int keyDistance, const Source& source = {}) {
    const QString h264 = folder + "/video.h264", aac = folder + "/audio.aac";
    QStringList arguments = QStringLiteral("-v error -y -f lavfi -t 21 -i %1s=320x180:r=%2 -f lavfi -t 21 -i %3")
                                .arg(source.picture, rate, source.sound)
                                .split(' ');
    arguments +=
        "-map 0:v -c:v libx264 -preset superfast -tune zerolatency -threads 1 -pix_fmt yuv420p -sc_threshold 0";
    arguments = arguments.join(' ').split(' ');
    arguments << "-g" << QString::number(keyDistance) << source.rateControl << h264;
    arguments += QStringLiteral("-map 1:a -ac 2 -ar 48000 -c:a aac -b:a 128k").split(' ') << aac;
    run("ffmpeg", arguments);
    const Buffer annexB = fileBytes(h264);
    const auto configuration = media::h264::configurationFromAnnexB(annexB.view());
    return {configuration ? Buffer(*configuration) : Buffer(), pictures(annexB), Buffer(Bytes{0x11, 0x90}),
            adtsFrames(fileBytes(aac))};
}

class EncodedBroadcast {
public:
    EncodedBroadcast(media::BroadcastPlan broadcastPlan, const Encoded& encoded)
        : plan(std::move(broadcastPlan)), packager(*package::Packager::create(plan)), m_encoded(encoded) {
        LIVE_ASSERT(packager->track(0, encoded.avcConfiguration));
        LIVE_ASSERT(packager->track(1, encoded.aacConfiguration));
    }
    // All frames up to `end`, as far as they have not been pushed. Returns what went wrong.
    QString pushTo(media::SlotId end) {
        for (std::size_t rendition : {0, 1}) {
            const media::TrackGrid track = plan.track(rendition);
            const std::int64_t origin = plan.grid.firstFrame(track, {plan.firstSegment, 0});
            const std::int64_t from = plan.grid.firstFrame(track, m_next), to = plan.grid.firstFrame(track, end);
            for (std::int64_t frame = from; frame < to; ++frame) {
                const auto& media = rendition == 0 ? m_encoded.pictures : m_encoded.sounds;
                const Buffer& data = media.at(static_cast<std::size_t>(frame - origin));
                const bool isKey = rendition == 1 || media::h264::containsIdr(data.view());
                const auto pushed =
                    packager->push(rendition, {.frame = frame, .isKey = isKey, .data = data}, BootTime(Seconds(1000)));
                if (!pushed) return QString::fromStdString(pushed.error().describe());
            }
        }
        m_next = end;
        return {};
    }
    // Filler up to `end`: what the encoder has for these slots is not used.
    bool fillTo(media::SlotId end) {
        packager->workerRestarted();
        m_next = end;
        return packager->fillTo(end, BootTime(Seconds(1000))).has_value();
    }
    media::SlotId at(std::int64_t segment, std::int32_t part = 0) const { return {plan.firstSegment + segment, part}; }
    // Init and all segments in one file.
    void save(std::size_t rendition, const QString& path) const {
        QFile file(path);
        LIVE_ASSERT(file.open(QIODevice::WriteOnly));
        const auto write = [&](const Buffer& bytes) {
            file.write(reinterpret_cast<const char*>(bytes.data()), static_cast<qsizetype>(bytes.size()));
        };
        const store::RenditionSnapshot& snapshot = packager->snapshot()->renditions[rendition];
        write(snapshot.inits.front().bytes);
        for (const auto& segment : snapshot.segments)
            for (const store::Part& part : segment->parts) write(part.bytes);
    }

    media::BroadcastPlan plan;
    std::unique_ptr<package::Packager> packager;

private:
    const Encoded& m_encoded;
    media::SlotId m_next{plan.firstSegment, 0};
};

media::BroadcastPlan smallPlan(media::FrameRate rate, LatencyProfile profile) {
    media::BroadcastPlan plan = examplePlan();
    plan.grid = media::Grid(Seconds(2), profile, rate);
    plan.renditions.erase(plan.renditions.begin());
    plan.renditions[0].width = 320;
    plan.renditions[0].height = 180;
    return plan;
}

}  // namespace

class DecodeTest : public QObject {
    Q_OBJECT
private slots:
    void init() {
        m_folder = std::make_unique<QTemporaryDir>();
        QVERIFY(m_folder->isValid());
    }
    void ffmpegReadsAndDecodesEverySegmentWithoutAWord_data() {
        QTest::addColumn<QString>("rate");
        QTest::addColumn<int>("numerator");
        QTest::addColumn<int>("denominator");
        QTest::addColumn<bool>("ultra");
        QTest::newRow("30 low") << "30" << 30 << 1 << false;
        QTest::newRow("25 ultra") << "25" << 25 << 1 << true;
    }
    void ffmpegReadsAndDecodesEverySegmentWithoutAWord() {
        QFETCH(QString, rate);
        QFETCH(int, numerator);
        QFETCH(bool, ultra);
        const auto frameRate = media::FrameRate{static_cast<std::uint32_t>(numerator), 1};
        const Encoded encoded = encode(m_folder->path(), rate, 2 * numerator);
        QVERIFY2(encoded.avcConfiguration.size() > 10, "ffmpeg did not encode");
        EncodedBroadcast broadcast(smallPlan(frameRate, ultra ? LatencyProfile::Ultra : LatencyProfile::Low), encoded);
        const QString failure = broadcast.pushTo(broadcast.at(4));
        QVERIFY2(failure.isEmpty(), qPrintable(failure));

        for (std::size_t rendition : {0, 1}) {
            const QString file = m_folder->filePath(QStringLiteral("r%1.mp4").arg(rendition));
            broadcast.save(rendition, file);
            const Run decoded = run("ffmpeg", {"-v", "warning", "-xerror", "-i", file, "-f", "null", "-"});
            QCOMPARE(decoded.err, QByteArray());
            QCOMPARE(decoded.exitCode, 0);
            compareTimes(broadcast, rendition, file);
        }
        const Run video = run("ffprobe", {"-v", "error", "-show_entries",
                                          "stream=codec_name,profile,width,height,sample_aspect_ratio,color_range,"
                                          "color_space,color_transfer,color_primaries,time_base,avg_frame_rate",
                                          "-of", "default=nw=1", m_folder->filePath("r0.mp4")});
        for (const char* line :
             {"codec_name=h264", "width=320", "height=180", "sample_aspect_ratio=1:1", "color_range=tv",
              "color_space=bt709", "color_transfer=bt709", "color_primaries=bt709"})
            QVERIFY2(video.out.contains(line), qPrintable(line + ("\n" + video.out)));
    }

    void filledUpSegmentsDecodeWithoutAWord() {
        const Encoded encoded = encode(m_folder->path(), "30", 60);
        EncodedBroadcast broadcast(smallPlan({30, 1}, LatencyProfile::Low), encoded);
        QCOMPARE(broadcast.pushTo(broadcast.at(2, 3)), QString());
        QVERIFY(broadcast.fillTo(broadcast.at(5)));  // from inside of a segment, over the next ones
        QCOMPARE(broadcast.pushTo(broadcast.at(7)), QString());
        for (std::size_t rendition : {0, 1}) {
            const QString file = m_folder->filePath(QStringLiteral("r%1.mp4").arg(rendition));
            broadcast.save(rendition, file);
            const Run decoded = run("ffmpeg", {"-v", "warning", "-xerror", "-i", file, "-f", "null", "-"});
            QCOMPARE(decoded.err, QByteArray());
            QCOMPARE(decoded.exitCode, 0);
        }
    }
    void noSegmentNeedsMoreThanItsBandwidth() {
        // Noise, so that the encoder is always at the limit that VBV sets.
        const Encoded encoded = encode(
            m_folder->path(), "30", 60,
            {.picture = "testsrc2=",
             .sound = "anoisesrc=r=48000",
             .rateControl = {"-vf", "noise=alls=60:allf=t", "-b:v", "800k", "-maxrate", "1000k", "-bufsize", "800k"}});
        EncodedBroadcast broadcast(smallPlan({30, 1}, LatencyProfile::Low), encoded);
        QCOMPARE(broadcast.pushTo(broadcast.at(10)), QString());
        const store::StreamSnapshot& snapshot = *broadcast.packager->snapshot();
        const BitsPerSecond bandwidth = package::hls::peakBandwidth(broadcast.plan, 0);
        double highest = 0;
        for (std::size_t i = 0; i < snapshot.renditions[0].segments.size(); ++i) {
            double rate = 0;
            for (const store::RenditionSnapshot& rendition : snapshot.renditions) {
                const store::Segment& segment = *rendition.segments[i];
                const std::chrono::duration<double> seconds = segment.duration();
                rate += 8.0 * static_cast<double>(segment.byteSize()) / seconds.count();
            }
            highest = std::max(highest, rate);
        }
        const QString figures = QStringLiteral("%1 of %2 bit/s").arg(highest).arg(bandwidth);
        QVERIFY2(highest <= static_cast<double>(bandwidth), qPrintable(figures));
        QVERIFY2(highest > 0.5 * static_cast<double>(bandwidth), qPrintable(figures));
    }

private:
    // ffprobe's decode times, durations and sizes against the grid and the frames that went in.
    void compareTimes(const EncodedBroadcast& broadcast, std::size_t rendition, const QString& file) {
        const media::TrackGrid track = broadcast.plan.track(rendition);
        const Run probe =
            run("ffprobe", {"-v", "error", "-show_entries", "packet=dts,pts,duration,flags", "-of", "csv=p=0", file});
        std::int64_t frame = broadcast.plan.grid.firstFrame(track, {broadcast.plan.firstSegment, 0});
        const QList<QByteArray> lines = probe.out.trimmed().split('\n');
        QCOMPARE(lines.size(), broadcast.plan.grid.firstFrame(track, {broadcast.plan.firstSegment + 4, 0}) - frame);
        for (const QByteArray& line : lines) {
            const QList<QByteArray> fields = line.split(',');
            QCOMPARE(fields[0].toLongLong(), track.ticks(frame));
            QCOMPARE(fields[1].toLongLong(), track.ticks(frame));
            // ffprobe 5.1 has no duration for the first packet of any fragmented audio, its own included.
            if (fields[2] != "N/A" || rendition == 0) QCOMPARE(fields[2].toLongLong(), track.frameTicks);
            const media::SlotId slot = broadcast.plan.grid.slotOfFrame(track, frame);
            const bool isKey = rendition == 1 || frame == broadcast.plan.grid.firstFrame(track, {slot.segment, 0});
            QCOMPARE(fields[3].startsWith('K'), isKey);
            ++frame;
        }
    }

    std::unique_ptr<QTemporaryDir> m_folder;
};
LIVE_TEST(DecodeTest)
#include "decode_test.moc"
