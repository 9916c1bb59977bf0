#include "tests/support/test_main.h"

#include <ctime>

#include "server/transcode/link/packet_cache.h"

using namespace live;
using namespace live::transcode;
using media::MediaKind;

namespace {

constexpr std::int64_t kStart = 1'780'000'000'000;  // ms

media::Track videoTrack(std::uint8_t profile) {
    return {MediaKind::Video, media::Codec::H264, Buffer(Bytes{1, profile})};
}
media::Track audioTrack() { return {MediaKind::Audio, media::Codec::Aac, Buffer(Bytes{0x11, 0x90})}; }

media::Packet packet(MediaKind kind, bool isKey, std::int64_t ms, std::size_t size = 10) {
    return {.kind = kind,
            .isKey = isKey,
            .pts = ms,
            .dts = ms,
            .arrival = OutputTime(Milliseconds(kStart + ms)),
            .data = Buffer(Bytes(size))};
}
media::Packet key(std::int64_t ms, std::size_t size = 10) { return packet(MediaKind::Video, true, ms, size); }
media::Packet delta(std::int64_t ms, std::size_t size = 10) { return packet(MediaKind::Video, false, ms, size); }
media::Packet audio(std::int64_t ms, std::size_t size = 10) { return packet(MediaKind::Audio, true, ms, size); }

// "V1 A K0 d40 a20 lost": tracks with the second byte of their configuration, packets with their time.
QString replayed(const PacketCache& cache) {
    QStringList all;
    cache.replay([&all](const Record& record) {
        if (const auto* track = std::get_if<InputTrack>(&record)) {
            all += track->track.kind == MediaKind::Audio ? QString("A")
                                                         : QString("V%1").arg(track->track.configuration.view()[1]);
        } else if (const auto* input = std::get_if<InputPacket>(&record)) {
            const bool isVideo = input->packet.kind == MediaKind::Video;
            all += QString("%1%2").arg(QChar(isVideo ? (input->packet.isKey ? 'K' : 'd') : 'a')).arg(input->packet.pts);
        } else {
            all += std::holds_alternative<InputLost>(record) ? "lost" : "?";
        }
    });
    return all.join(' ');
}

}  // namespace

class PacketCacheTest : public QObject {
    Q_OBJECT
private slots:
    void itKeepsTheTracksAndWhatCameSinceTheLastKeyFrame() {
        PacketCache cache;
        cache.add(videoTrack(1));
        cache.add(audioTrack());
        cache.add(delta(0));
        cache.add(key(40));
        cache.add(delta(80));
        cache.add(audio(90));
        QCOMPARE(replayed(cache), QString("V1 A K40 d80 a90"));
        cache.add(key(120));
        cache.add(delta(160));
        QCOMPARE(replayed(cache), QString("V1 A a90 K120 d160"));
        QVERIFY(cache.hasPicture());
        QCOMPARE(cache.bytes(), 3 * (10 + PacketCache::kEntryBytes));
    }
    void itKeepsFourSecondsOfAudioAcrossKeyFrames() {
        PacketCache cache;
        cache.add(audioTrack());
        for (int ms = 0; ms <= 10'000; ms += 500) {
            cache.add(audio(ms));
            cache.add(key(ms));
        }
        QCOMPARE(replayed(cache), QString("A a6000 a6500 a7000 a7500 a8000 a8500 a9000 a9500 a10000 K10000"));
    }
    void itKeepsTheAudioOfALongGroupOfPictures() {
        PacketCache cache;
        cache.add(audio(0));
        cache.add(audio(1500));
        cache.add(key(2000));
        cache.add(audio(2500));
        cache.add(audio(9000));
        QCOMPARE(replayed(cache), QString("a1500 K2000 a2500 a9000"));
    }
    void aGroupOfPicturesOverTenSecondsIsGivenUpUntilTheNextKeyFrame() {
        PacketCache cache;
        cache.add(key(0));
        cache.add(delta(10'000));
        QVERIFY(cache.hasPicture());
        cache.add(delta(10'001));
        QVERIFY(!cache.hasPicture());
        cache.add(delta(10'040));
        cache.add(audio(10'050));
        QCOMPARE(replayed(cache), QString("a10050"));
        cache.add(key(10'080));
        QVERIFY(cache.hasPicture());
        QCOMPARE(replayed(cache), QString("a10050 K10080"));
    }
    void bytesAreBoundedWhateverComes() {
        PacketCache cache({.bytes = 1000 + 2 * PacketCache::kEntryBytes});
        cache.add(key(0, 600));
        cache.add(delta(1, 401));
        QVERIFY(!cache.hasPicture());
        QCOMPARE(cache.bytes(), std::size_t(0));
        cache.add(key(2, 1001 + PacketCache::kEntryBytes));
        QCOMPARE(cache.bytes(), std::size_t(0));
        for (int ms = 0; ms < 100; ++ms) cache.add(audio(ms, 400));
        QCOMPARE(cache.bytes(), 2 * (400 + PacketCache::kEntryBytes));
        cache.add(audio(200, 5000));
        QCOMPARE(cache.bytes(), std::size_t(0));
    }
    void tinyPacketsCountWithWhatTheyTakeThemselves() {
        PacketCache cache({.bytes = 100'000});
        for (int i = 0; i < 10'000; ++i) cache.add(audio(0, 1));
        int kept = 0;
        cache.replay([&kept](const Record&) { ++kept; });
        QVERIFY2(kept < 600, qPrintable(QString::number(kept)));
    }
    void keyFramesCostTheSameHoweverMuchAudioIsKept() {
        const auto spent = [](int audioPackets) {
            PacketCache cache;
            for (int i = 0; i < audioPackets; ++i) cache.add(audio(0));
            const std::clock_t start = std::clock();
            for (int i = 0; i < 2000; ++i) cache.add(key(0));
            return std::clock() - start;
        };
        const std::clock_t few = spent(10), many = spent(40'000);
        QVERIFY2(many < 20 * few + CLOCKS_PER_SEC / 20, qPrintable(QString("%1, %2").arg(few).arg(many)));
    }
    void tracksThatKeepChangingAreBounded() {
        PacketCache cache({.bytes = 10'000});
        for (int i = 0; i < 100; ++i) {
            Bytes configuration(1000, static_cast<std::uint8_t>(i));
            cache.add(media::Track{MediaKind::Audio, media::Codec::Aac, Buffer(std::move(configuration))});
        }
        int kept = 0;
        cache.replay([&kept](const Record&) { ++kept; });
        QVERIFY2(kept <= 10, qPrintable(QString::number(kept)));
    }
    void anotherVideoConfigurationStartsAnewAndTheSameOneDoesNot() {
        PacketCache cache;
        cache.add(videoTrack(1));
        cache.add(key(0));
        cache.add(videoTrack(1));
        cache.add(delta(40));
        QCOMPARE(replayed(cache), QString("V1 K0 d40"));
        cache.add(videoTrack(2));
        cache.add(delta(80));
        QCOMPARE(replayed(cache), QString("V2"));
    }
    void afterThePublisherHasGoneTheLastPictureStaysUntilAnotherOneComes() {
        PacketCache cache;
        cache.add(videoTrack(1));
        cache.add(key(0));
        cache.lost();
        QCOMPARE(replayed(cache), QString("V1 K0 lost"));
        cache.add(videoTrack(1));
        QCOMPARE(replayed(cache), QString("V1"));
        QVERIFY(!cache.hasPicture());
    }
    void packetsCanBeForgottenWithoutTheTracks() {
        PacketCache cache;
        cache.add(videoTrack(1));
        cache.add(audioTrack());
        cache.add(key(0));
        cache.add(audio(10));
        cache.dropPackets();
        QCOMPARE(replayed(cache), QString("V1 A"));
        QCOMPARE(cache.bytes(), std::size_t(0));
        cache.add(delta(20));
        QCOMPARE(replayed(cache), QString("V1 A"));
    }
};
LIVE_TEST(PacketCacheTest)

#include "packet_cache_test.moc"
