#include "tests/support/test_main.h"

#include <bit>
#include <cmath>

#include "server/media/h264.h"
#include "server/stream/probe.h"

using namespace live;
using namespace live::stream;

namespace {

class BitWriter {
public:
    BitWriter& bits(std::uint64_t value, int count) {
        for (int i = count; i-- > 0;) m_bits.push_back(value >> i & 1);
        return *this;
    }
    BitWriter& ue(std::uint32_t value) {  // Exp-Golomb, ISO/IEC 14496-10 §9.1
        const std::uint64_t code = std::uint64_t{value} + 1;
        const auto length = static_cast<int>(std::bit_width(code));
        return bits(0, length - 1).bits(code, length);
    }
    // With rbsp_trailing_bits and emulation prevention.
    Bytes nal(std::uint8_t header) {
        bits(1, 1);
        Bytes out{header};
        int zeros = 0;
        for (std::size_t at = 0; at < m_bits.size(); at += 8) {
            std::uint8_t byte = 0;
            for (std::size_t i = 0; i < 8; ++i)
                byte = static_cast<std::uint8_t>(byte << 1 | (at + i < m_bits.size() && m_bits[at + i]));
            if (zeros == 2 && byte <= 3) {
                out.push_back(3);
                zeros = 0;
            }
            zeros = byte == 0 ? zeros + 1 : 0;
            out.push_back(byte);
        }
        return out;
    }

private:
    std::vector<bool> m_bits;
};

struct Picture {
    std::uint32_t width = 640;  // multiples of 16
    std::uint32_t height = 352;
    Rational aspect{1, 1};
    Rational rate{0, 1};  // 0: no timing in the SPS
};

media::Track videoTrack(const Picture& picture) {
    BitWriter sps;
    sps.bits(66, 8).bits(0xC0, 8).bits(40, 8).ue(0).ue(0).ue(2).ue(1).bits(0, 1);
    sps.ue(picture.width / 16 - 1).ue(picture.height / 16 - 1).bits(0b110, 3);  // frames only, direct 8x8, no crop
    sps.bits(1, 1).bits(1, 1).bits(255, 8).bits(picture.aspect.numerator, 16).bits(picture.aspect.denominator, 16);
    sps.bits(0, 3);  // overscan, video signal, chroma location
    const bool hasTiming = picture.rate.numerator != 0;
    sps.bits(hasTiming, 1);
    if (hasTiming) sps.bits(picture.rate.denominator, 32).bits(2 * picture.rate.numerator, 32).bits(1, 1);
    sps.bits(0, 4);  // no HRD, no picture structure, no bitstream restriction
    const media::h264::Configuration configuration{.profile = 66,
                                                   .compatibility = 0xC0,
                                                   .level = 40,
                                                   .sequenceParameterSets = {sps.nal(0x67)},
                                                   .pictureParameterSets = {{0x68, 0xEB}}};
    return {media::MediaKind::Video, media::Codec::H264, Buffer(media::h264::serialize(configuration))};
}

// Frames of a camera in the order an encoder sends them, stamped in milliseconds as RTMP does.
void send(Probe& probe, double rate, const std::vector<int>& order, std::int64_t offset = 0) {
    for (int frame : order) {
        const std::int64_t pts = offset + std::llround(frame * 1000 / rate);
        probe.packet({.pts = pts, .dts = pts, .data = Buffer(Bytes(10))}, BootTime{});
    }
}

}  // namespace

class ProbeTest : public QObject {
    Q_OBJECT
private slots:
    void theSizeIsThatOfThePictureAsShown_data() {
        QTest::addColumn<unsigned>("wide");
        QTest::addColumn<unsigned>("tall");
        QTest::addColumn<unsigned>("shown");
        QTest::newRow("square") << 1u << 1u << 640u;
        QTest::newRow("anamorphic") << 4u << 3u << 853u;
        QTest::newRow("narrow") << 1u << 2u << 320u;
        QTest::newRow("as wide as is believed") << 10u << 1u << 6400u;
        QTest::newRow("absurdly wide") << 1000u << 1u << 640u;
        QTest::newRow("absurdly narrow") << 1u << 1000u << 640u;
        QTest::newRow("none") << 0u << 1u << 640u;
    }
    void theSizeIsThatOfThePictureAsShown() {
        QFETCH(unsigned, wide);
        QFETCH(unsigned, tall);
        QFETCH(unsigned, shown);
        Probe probe;
        probe.track(videoTrack({.aspect = {wide, tall}}));
        QCOMPARE(probe.result().width, shown);
        QCOMPARE(probe.result().height, 352u);
    }
    void theRateComesFromTheTimesOfPresentationInWhateverOrder_data() {
        QTest::addColumn<double>("rate");
        QTest::addColumn<QList<int>>("order");
        const QList<int> plain{0, 1, 2, 3, 4}, bFrames{0, 3, 1, 2, 6}, pyramid{0, 4, 2, 1, 3}, deep{0, 8, 4, 2, 1};
        for (double rate : {24.0, 25.0, 30.0, 50.0, 60.0}) {
            const QByteArray name = QByteArray::number(rate);
            QTest::newRow((name + " plain").constData()) << rate << plain;
            QTest::newRow((name + " two B-frames").constData()) << rate << bFrames;
            QTest::newRow((name + " pyramid").constData()) << rate << pyramid;
            QTest::newRow((name + " deep pyramid").constData()) << rate << deep;
            QTest::newRow((name + " one frame missing").constData()) << rate << QList<int>{0, 1, 2, 4, 5};
        }
    }
    void theRateComesFromTheTimesOfPresentationInWhateverOrder() {
        QFETCH(double, rate);
        QFETCH(QList<int>, order);
        // Rounding to milliseconds falls differently for every first frame.
        for (int first = 0; first < 12; ++first) {
            Probe probe;
            probe.track(videoTrack({}));
            std::vector<int> frames;
            for (int frame : order) frames.push_back(first + frame);
            send(probe, rate, frames);
            QVERIFY((probe.result().frameRate == Rational{static_cast<std::uint32_t>(rate), 1}));
        }
    }
    void slowInputsAreMeasuredWithWhatCame() {
        for (const auto& [rate, expected] : {std::pair{15.0, Rational{30, 1}}, {12.5, {25, 1}}, {10.0, {30, 1}}}) {
            Probe probe;
            probe.track(videoTrack({}));
            send(probe, rate, {0, 1, 2});
            QVERIFY(media::outputRate(probe.result().frameRate) == expected);
        }
    }
    void timeStampsThatSayNothingGiveNoRate() {
        for (const std::vector<int>& order : {std::vector<int>{}, {0}, {0, 1}, {7, 7, 7, 7, 7}}) {
            Probe probe;
            probe.track(videoTrack({}));
            send(probe, 30, order);
            QCOMPARE(probe.result().frameRate.numerator, 0u);
        }
        Probe jumping;
        jumping.track(videoTrack({}));
        send(jumping, 0.001, {-9, 5, 1'000'000, 3, 40});
        QCOMPARE(jumping.result().frameRate.numerator, 0u);
    }
    void whatTheBitstreamSaysOfItsRateIsBelievedFirst() {
        Probe probe;
        probe.track(videoTrack({.rate = {60000, 1001}}));
        probe.metadata({.frameRate = 25});
        send(probe, 30, {0, 1, 2, 3, 4});
        QVERIFY((probe.result().frameRate == Rational{60000, 1001}));
    }
    // Nobody speaks while the first pictures come, but there is a caption encoder.
    void silentCaptionsAreCaptions() {
        ByteWriter sample;
        const Bytes padding{6,   4,    14,   0xB5, 0x00, 0x31, 'G',  'A',  '9',
                            '4', 0x03, 0x41, 0xFF, 0xFC, 0x80, 0x80, 0xFF, 0x80};
        sample.u32(padding.size()).bytes(padding).u32(2).bytes(Bytes{0x65, 0x88});
        Probe probe;
        probe.track(videoTrack({.rate = {30, 1}}));
        QVERIFY(!probe.result().hasCaptions);
        probe.packet({.isKey = true, .data = Buffer(sample.take())}, BootTime{});
        QVERIFY(probe.result().hasCaptions);
    }
};
LIVE_TEST(ProbeTest)

#include "probe_test.moc"
