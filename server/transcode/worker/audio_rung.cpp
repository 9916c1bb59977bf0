#include "server/transcode/worker/audio_rung.h"

namespace live::transcode::worker {

Result<void> AudioRung::step(InputBuffer& buffer, Output& output, const Clock& clock) {
    constexpr double kFrameSeconds = static_cast<double>(ffmpeg::kAacFrameSamples) / av::kSampleRate;
    std::array<float, ffmpeg::kAacFrameSamples> left{};
    std::array<float, ffmpeg::kAacFrameSamples> right{};
    buffer.readAudio(left, right);
    const BootTime begin = clock.boot();
    std::optional<ffmpeg::EncodedAudio> encoded =
        LIVE_TRY(m_encoder.encode({.frame = m_next, .left = left, .right = right}));
    ++m_next;
    if (!encoded || encoded->frame < m_setup.firstFrame) return {};
    const BootTime end = clock.boot();
    m_busy += end - begin;
    ++m_figures.frames;
    m_figures.bytes += encoded->data.size();
    if (m_busy > Nanoseconds(0)) {
        m_figures.encodeSpeed =
            static_cast<double>(m_figures.frames) * kFrameSeconds / std::chrono::duration<double>(m_busy).count();
    }
    output.packet({.rendition = m_setup.rendition,
                   .isKey = true,
                   .frame = encoded->frame,
                   .encodedAt = end,
                   .data = std::move(encoded->data)});
    return {};
}

}  // namespace live::transcode::worker
