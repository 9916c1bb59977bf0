#include "tests/support/test_main.h"

extern "C" {
#include <libavutil/opt.h>
}

#include <algorithm>
#include <cmath>
#include <numbers>

#include "common/av/resampler.h"

using namespace live;

namespace {

constexpr int kFrameSamples = 1024;
constexpr int kFrames = 40;
// Rounding of the mixing and the resampling filter.
constexpr float kFullScale = 1.0001F;

// A full-scale tone of 440 Hz in the channels of `mask`, planar floats at 48 kHz.
av::FramePtr tone(const char* layout, std::uint64_t mask, int number) {
    av::FramePtr frame = av::makeFrame();
    frame->format = AV_SAMPLE_FMT_FLTP;
    frame->sample_rate = 48000;
    frame->nb_samples = kFrameSamples;
    if (av_channel_layout_from_string(&frame->ch_layout, layout) < 0) qFatal("no such layout");
    if (av_frame_get_buffer(frame.get(), 0) < 0) qFatal("no samples");
    for (int channel = 0; channel < frame->ch_layout.nb_channels; ++channel) {
        const auto kind = av_channel_layout_channel_from_index(&frame->ch_layout, static_cast<unsigned>(channel));
        auto* samples = reinterpret_cast<float*>(frame->extended_data[channel]);
        for (int i = 0; i < kFrameSamples; ++i) {
            const double time = (number * kFrameSamples + i) / 48000.0;
            const double sine = std::sin(2 * std::numbers::pi * 440 * time);
            samples[i] = mask >> kind & 1 ? static_cast<float>(sine) : 0.0F;
        }
    }
    return frame;
}

struct Peaks {
    float left = 0;
    float right = 0;
};

Peaks peaks(const char* layout, std::uint64_t mask) {
    av::Resampler resampler;
    Peaks found;
    for (int number = 0; number < kFrames; ++number) {
        const Result<av::StereoSamples> made = resampler.convert(*tone(layout, mask, number));
        if (!made) qFatal("cannot convert");
        for (float sample : made->planes[0]) found.left = std::max(found.left, std::abs(sample));
        for (float sample : made->planes[1]) found.right = std::max(found.right, std::abs(sample));
    }
    return found;
}

std::uint64_t bit(AVChannel channel) { return std::uint64_t{1} << channel; }

}  // namespace

class ResamplerTest : public QObject {
    Q_OBJECT
private slots:
    void surroundSoundAtFullScaleDoesNotClip_data() {
        QTest::addColumn<QString>("layout");
        for (const char* layout : {"5.1", "5.1(side)", "7.1", "quad", "3.0", "4.0"}) QTest::newRow(layout) << layout;
    }
    void surroundSoundAtFullScaleDoesNotClip() {
        QFETCH(QString, layout);
        const Peaks all = peaks(qPrintable(layout), ~std::uint64_t{0});
        QVERIFY2(all.left <= kFullScale, qPrintable(QString::number(all.left)));
        QVERIFY2(all.right <= kFullScale, qPrintable(QString::number(all.right)));
        QVERIFY(all.left > 0.99F && all.right > 0.99F);
    }

    void theChannelsOfSurroundSoundKeepTheirProportions() {
        const Peaks left = peaks("5.1(side)", bit(AV_CHAN_FRONT_LEFT));
        const Peaks centre = peaks("5.1(side)", bit(AV_CHAN_FRONT_CENTER));
        const Peaks behind = peaks("5.1(side)", bit(AV_CHAN_SIDE_LEFT));
        const Peaks low = peaks("5.1(side)", bit(AV_CHAN_LOW_FREQUENCY));
        const float expected = static_cast<float>(std::numbers::sqrt2 / 2);
        QVERIFY(std::abs(centre.left / left.left - expected) < 0.001F);
        QVERIFY(std::abs(centre.right / left.left - expected) < 0.001F);
        QVERIFY(std::abs(behind.left / left.left - expected) < 0.001F);
        QVERIFY(left.right == 0 && behind.right == 0);
        QVERIFY(low.left == 0 && low.right == 0);
    }

    void monoAndStereoKeepTheirLevel() {
        const Peaks stereo = peaks("stereo", bit(AV_CHAN_FRONT_LEFT));
        QVERIFY(std::abs(stereo.left - 1) < 0.001F && stereo.right == 0);
        const Peaks mono = peaks("mono", ~std::uint64_t{0});
        QVERIFY(std::abs(mono.left - 1) < 0.001F && std::abs(mono.right - 1) < 0.001F);
    }

    // What must not be touched by mixing is what libswresample makes of it without any setting for it.
    void stereoIsResampledAndNothingElse() {
        AVChannelLayout stereo = AV_CHANNEL_LAYOUT_STEREO;
        SwrContext* made = nullptr;
        QVERIFY(swr_alloc_set_opts2(&made, &stereo, AV_SAMPLE_FMT_FLTP, av::kSampleRate, &stereo, AV_SAMPLE_FMT_FLTP,
                                    48000, 0, nullptr) >= 0);
        const av::SwrPtr reference(made);
        av_opt_set_int(made, "flags", SWR_FLAG_RESAMPLE, 0);
        QVERIFY(swr_init(made) >= 0);
        av::Resampler resampler;
        for (int number = 0; number < kFrames; ++number) {
            const av::FramePtr frame = tone("stereo", ~std::uint64_t{0}, number);
            const Result<av::StereoSamples> samples = resampler.convert(*frame);
            QVERIFY(samples);
            std::array<std::vector<float>, 2> planes;
            for (std::vector<float>& plane : planes) plane.resize(2 * kFrameSamples);
            std::array<std::uint8_t*, 2> out{reinterpret_cast<std::uint8_t*>(planes[0].data()),
                                             reinterpret_cast<std::uint8_t*>(planes[1].data())};
            const int count = swr_convert(made, out.data(), 2 * kFrameSamples,
                                          const_cast<const std::uint8_t**>(frame->extended_data), frame->nb_samples);
            QVERIFY(count >= 0);
            for (std::vector<float>& plane : planes) plane.resize(static_cast<std::size_t>(count));
            QVERIFY(samples->planes == planes);
        }
    }
};

LIVE_TEST(ResamplerTest)
#include "resampler_test.moc"
