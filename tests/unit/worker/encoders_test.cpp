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

}  // namespace

class EncodersTest : public QObject {
    Q_OBJECT
private slots:
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
