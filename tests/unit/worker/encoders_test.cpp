#include "tests/support/test_main.h"

#include <cmath>

#include "common/av/decoder.h"
#include "common/av/frame_pool.h"
#include "server/ffmpeg/aac_encoder.h"
#include "server/ffmpeg/h264_encoder.h"
#include "server/ffmpeg/h264_level.h"
#include "server/media/h264.h"
#include "server/transcode/worker/slate.h"
#include "tests/support/plans.h"

using namespace live;
using namespace live::ffmpeg;

namespace {

media::Rendition sized(std::uint32_t width, std::uint32_t height, BitsPerSecond bitrate = 1'000'000) {
    media::Rendition rendition;
    rendition.width = width;
    rendition.height = height;
    rendition.bitrate = rendition.maxBitrate = rendition.vbvBits = bitrate;
    return rendition;
}

// The hardest picture there is: no two are alike, and nothing in them is.
void fillNoise(AVFrame& frame, std::uint32_t& seed) {
    for (int plane : {0, 1, 2}) {
        const int shift = plane == 0 ? 0 : 1;
        for (int row = 0; row < frame.height >> shift; ++row) {
            std::uint8_t* line = frame.data[plane] + std::ptrdiff_t{row} * frame.linesize[plane];
            for (int column = 0; column < frame.width >> shift; ++column) {
                seed = seed * 1'664'525 + 1'013'904'223;
                line[column] = static_cast<std::uint8_t>(seed >> 24);
            }
        }
    }
}

}  // namespace

class EncodersTest : public QObject {
    Q_OBJECT
private slots:
    void initTestCase() { av::silenceLibraries(); }

    void levelsFollowSizeRateAndBitrate() {
        QCOMPARE(h264Level(sized(1280, 720), {30, 1}), 31);
        QCOMPARE(h264Level(sized(1280, 720), {60, 1}), 32);
        QCOMPARE(h264Level(sized(1920, 1080), {30, 1}), 40);
        QCOMPARE(h264Level(sized(1920, 1080), {60000, 1001}), 42);
        QCOMPARE(h264Level(sized(3840, 2160), {30, 1}), 51);
        QCOMPARE(h264Level(sized(640, 360), {30, 1}), 30);
        QCOMPARE(h264Level(sized(1280, 720, 20'000'000), {30, 1}), 32);
        QCOMPARE(h264Level(sized(16384, 16384), {60, 1}), 62);
    }

    void theConfigurationSaysWhatThePlanSays() {
        const Result<H264Encoder> encoder = H264Encoder::create(test::examplePlan(), 0);
        QVERIFY(encoder);
        const auto configuration = media::h264::parseConfiguration(encoder->configuration().view());
        QVERIFY(configuration);
        const auto sps = media::h264::parseSps(configuration->sequenceParameterSets.front());
        QVERIFY(sps);
        QCOMPARE(int{sps->profile}, 100);
        QCOMPARE(int{sps->level}, 31);
        QCOMPARE(sps->width, 1280U);
        QCOMPARE(sps->height, 720U);
        QCOMPARE(int{sps->matrixCoefficients}, 1);
        QCOMPARE(int{sps->transferCharacteristics}, 1);
        QCOMPARE(int{sps->colourPrimaries}, 1);
        QVERIFY(!sps->isFullRange);
        QVERIFY((sps->sampleAspectRatio == Rational{1, 1}));
        QCOMPARE(sps->maxReorderFrames.value_or(9), 0U);
    }

    void theBitrateIsNotInTheConfiguration() {
        media::BroadcastPlan plan = test::examplePlan();
        const Result<H264Encoder> one = H264Encoder::create(plan, 0);
        plan.renditions[0].bitrate /= 2;
        const Result<H264Encoder> other = H264Encoder::create(plan, 0);
        QVERIFY(std::ranges::equal(one->configuration().view(), other->configuration().view()));
    }

    void keyPicturesComeWhenAskedForAndSamplesHaveSlicesOnly() {
        Result<H264Encoder> encoder = H264Encoder::create(test::examplePlan(), 1);
        av::FramePool pool(640, 360);
        const av::FramePtr picture = pool.take();
        transcode::worker::drawSlate(*picture);
        for (std::int64_t frame = 53'400'000'000; frame < 53'400'000'000 + 400; ++frame) {
            const bool isKey = frame % 60 == 0;
            // A picture that changes wholly makes an encoder with scene cut detection insert a key picture.
            if (frame % 50 == 25) av::fillBlack(*picture);
            if (frame % 50 == 26) transcode::worker::drawSlate(*picture);
            const Result<EncodedPicture> encoded = encoder->encode(*picture, {.frame = frame, .isKey = isKey});
            QVERIFY(encoded);
            QCOMPARE(encoded->frame, frame);
            QCOMPARE(encoded->isKey, isKey || frame == 53'400'000'000);
            QCOMPARE(media::h264::containsIdr(encoded->data.view()), encoded->isKey);
            media::h264::NalReader nals(encoded->data.view());
            while (const std::optional<ByteView> nal = nals.next()) {
                const auto type = media::h264::nalType(*nal);
                QVERIFY(type == media::h264::NalType::Slice || type == media::h264::NalType::IdrSlice);
            }
            QVERIFY(!nals.failed());
        }
    }

    // The worst case: the first encoder comes with a full buffer from a still picture, and spends all of it on noise
    // before it is lost; the one that replaces it inside the segment gets noise too.
    void aSegmentOfTwoEncodersStaysWithinWhatBufferAndRateAllow_data() {
        QTest::addColumn<int>("cut");
        for (int slot = 1; slot < 6; ++slot) QTest::addRow("cut at slot %d", slot) << slot * 10;
    }
    void aSegmentOfTwoEncodersStaysWithinWhatBufferAndRateAllow() {
        QFETCH(int, cut);
        media::BroadcastPlan plan = test::examplePlan();
        media::Rendition& rung = plan.renditions[1];
        rung.width = 320;
        rung.height = 180;
        rung.bitrate = 700'000;
        rung.maxBitrate = rung.vbvBits = 770'000;
        av::FramePool pool(320, 180);
        const av::FramePtr picture = pool.take();
        std::uint32_t seed = 1;
        std::int64_t frame = plan.grid.firstFrame(plan.grid.video(), {plan.firstSegment, 0});
        const auto encode = [&](H264Encoder& encoder, bool isKey) {
            const Result<EncodedPicture> encoded = encoder.encode(*picture, {.frame = frame++, .isKey = isKey});
            return static_cast<std::int64_t>(8 * encoded->data.size());
        };
        Result<H264Encoder> first = H264Encoder::create(plan, 1);
        av::fillBlack(*picture);
        for (int i = 0; i < 60; ++i) encode(*first, i == 0);
        std::int64_t bits = 0;
        for (int i = 0; i < cut; ++i) {
            fillNoise(*picture, seed);
            bits += encode(*first, i == 0);
        }
        Result<H264Encoder> second = H264Encoder::create(plan, 1, H264Encoder::Start::InsideSegment);
        QVERIFY(std::ranges::equal(first->configuration().view(), second->configuration().view()));
        for (int i = cut; i < 60; ++i) {
            fillNoise(*picture, seed);
            bits += encode(*second, i == cut);
        }
        const std::int64_t allowed = 2 * rung.maxBitrate + rung.vbvBits;
        const QString figures = QStringLiteral("%1 of %2 bits").arg(bits).arg(allowed);
        QVERIFY2(bits <= allowed, qPrintable(figures));
        QVERIFY2(2 * bits > allowed, qPrintable(figures));
    }

    void aPacketSoundsAtItsFrame() {
        Result<AacEncoder> encoder = AacEncoder::create(128'000);
        QVERIFY(encoder);
        Result<av::Decoder> decoder = av::Decoder::create(AV_CODEC_ID_AAC, encoder->configuration().view());
        QVERIFY(decoder);
        constexpr std::int64_t kFirst = 83'437'500'000, kClick = kFirst + 9;
        std::int64_t loudest = 0;
        float peak = 0;
        for (std::int64_t frame = kFirst; frame < kFirst + 20; ++frame) {
            std::array<float, kAacFrameSamples> samples{};
            if (frame == kClick) {
                for (std::size_t i = 480; i < 520; ++i) samples[i] = 0.9F * std::sin(static_cast<float>(i) / 2);
            }
            const auto encoded = encoder->encode({.frame = frame, .left = samples, .right = samples});
            QVERIFY(encoded);
            if (!*encoded) continue;
            QCOMPARE((*encoded)->frame, frame - AacEncoder::kLookahead);
            const auto measure = [&](const av::FramePtr& sound) {
                const auto* left = reinterpret_cast<const float*>(sound->data[0]);
                for (int i = 0; i < sound->nb_samples; ++i) {
                    if (std::abs(left[i]) <= peak) continue;
                    peak = std::abs(left[i]);
                    loudest = sound->pts * 1024 + i;
                }
            };
            QVERIFY(decoder->decode({(*encoded)->data.view(), (*encoded)->frame, (*encoded)->frame}, measure));
        }
        QVERIFY(std::abs(loudest - (kClick * 1024 + 500)) < 64);
    }
};

LIVE_TEST(EncodersTest)
#include "encoders_test.moc"
