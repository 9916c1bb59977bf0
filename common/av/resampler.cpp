#include "common/av/resampler.h"

extern "C" {
#include <libavutil/opt.h>
}

#include <algorithm>

namespace live::av {

Result<void> Resampler::configure(const AVFrame& frame, const Format& format) {
    m_format.reset();
    AVChannelLayout in{};
    if (frame.ch_layout.order == AV_CHANNEL_ORDER_UNSPEC) {
        av_channel_layout_default(&in, frame.ch_layout.nb_channels);
    } else {
        LIVE_ASSERT(av_channel_layout_copy(&in, &frame.ch_layout) >= 0);
    }
    AVChannelLayout out{};
    av_channel_layout_default(&out, 2);
    SwrContext* made = nullptr;
    const int result = swr_alloc_set_opts2(&made, &out, AV_SAMPLE_FMT_FLTP, kSampleRate, &in,
                                           static_cast<AVSampleFormat>(frame.format), frame.sample_rate, 0, nullptr);
    av_channel_layout_uninit(&in);
    m_context.reset(made);
    if (result < 0) return failAv(ErrorCode::Unsupported, "resampler", result);
    // Always through the resampler, so that the speed can be trimmed at equal rates too.
    av_opt_set_int(made, "flags", SWR_FLAG_RESAMPLE, 0);
    // For floats libswresample does not normalise by itself: full 5.1 would come out 2.4 times too loud.
    av_opt_set_double(made, "rematrix_maxval", 1.0, 0);
    if (format.channels == 1) {
        const std::array<double, 2> both{1.0, 1.0};
        swr_set_matrix(made, both.data(), 1);
    }
    if (const int opened = swr_init(made); opened < 0) return failAv(ErrorCode::Unsupported, "resampler", opened);
    m_format = format;
    return {};
}

Result<StereoSamples> Resampler::convert(const AVFrame& frame) {
    const Format format{frame.sample_rate, frame.ch_layout.nb_channels, frame.format,
                        frame.ch_layout.order == AV_CHANNEL_ORDER_NATIVE ? frame.ch_layout.u.mask : 0};
    if (m_format != format) LIVE_TRY(configure(frame, format));
    StereoSamples samples;
    const int room = std::max(swr_get_out_samples(m_context.get(), frame.nb_samples), 0);
    for (std::vector<float>& plane : samples.planes) plane.resize(static_cast<std::size_t>(room));
    std::array<std::uint8_t*, 2> out{reinterpret_cast<std::uint8_t*>(samples.planes[0].data()),
                                     reinterpret_cast<std::uint8_t*>(samples.planes[1].data())};
    const int made = swr_convert(m_context.get(), out.data(), room,
                                 const_cast<const std::uint8_t**>(frame.extended_data), frame.nb_samples);
    if (made < 0) return failAv(ErrorCode::Internal, "resampling", made);
    for (std::vector<float>& plane : samples.planes) plane.resize(static_cast<std::size_t>(made));
    return samples;
}

std::int64_t Resampler::delay() const { return m_format ? swr_get_delay(m_context.get(), kSampleRate) : 0; }

void Resampler::trim(int samples) {
    if (m_format) swr_set_compensation(m_context.get(), std::clamp(samples, -480, 480), kSampleRate);
}

}  // namespace live::av
