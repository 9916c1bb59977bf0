#include "server/transcode/worker/audio_input.h"

#include <algorithm>
#include <cmath>

namespace live::transcode::worker {

namespace {
constexpr double kJump = 0.040 * av::kSampleRate;
constexpr double kSmoothing = 0.03;  // a frame: time stamps in milliseconds shake
constexpr double kSecondsToCorrect = 4;
constexpr double kMaxTrim = 240;  // samples a second: 0.5 %
}  // namespace

void AudioInput::open(ByteView audioSpecificConfig) {
    m_decoder.reset();
    Result<av::Decoder> decoder = av::Decoder::create(AV_CODEC_ID_AAC, audioSpecificConfig);
    if (!decoder) {
        m_notices.onNotice(Event::Kind::InputBad,
                           "the audio cannot be decoded, silence instead: " + decoder.error().describe());
        return;
    }
    m_decoder = std::move(*decoder);
}

void AudioInput::decode(const av::Decoder::Input& input) {
    if (!m_decoder) return;
    const Result<void> decoded = m_decoder->decode(input, [this](av::FramePtr frame) { onDecoded(*frame); });
    if (!decoded) m_notices.onDecodeError();
}

void AudioInput::interrupt() {
    m_position.reset();
    m_resampler.reset();
}

void AudioInput::onDecoded(const AVFrame& frame) {
    if (frame.nb_samples <= 0 || frame.sample_rate <= 0 || frame.pts == AV_NOPTS_VALUE)
        return m_notices.onDecodeError();
    noteFormat(frame);
    const double wanted = static_cast<double>(frame.pts) * av::kSampleRate / 1e6;
    align(wanted - static_cast<double>(m_resampler.delay()));
    const Result<av::StereoSamples> samples = m_resampler.convert(frame);
    if (!samples) {
        m_notices.onNotice(Event::Kind::InputBad, "audio left out: " + samples.error().describe());
        return interrupt();
    }
    m_buffer.addAudio(*m_position, *samples);
    *m_position += static_cast<std::int64_t>(samples->size());
}

void AudioInput::noteFormat(const AVFrame& frame) {
    const Format format{frame.sample_rate, frame.ch_layout.nb_channels};
    if (m_format == format) return;
    if (m_format) {
        const auto describe = [](const Format& which) {
            return std::to_string(which.rate) + " Hz, " + std::to_string(which.channels) + " channels";
        };
        m_notices.onNotice(Event::Kind::InputChanged,
                           "the audio changed from " + describe(*m_format) + " to " + describe(format));
        interrupt();
    }
    m_format = format;
}

void AudioInput::align(double wanted) {
    const double error = m_position ? wanted - static_cast<double>(*m_position) : kJump + 1;
    if (std::abs(error) > kJump) {
        m_resampler.reset();
        m_position = std::llround(wanted);
        m_error = 0;
        return;
    }
    m_error += kSmoothing * (error - m_error);
    m_resampler.trim(static_cast<int>(std::lround(std::clamp(m_error / kSecondsToCorrect, -kMaxTrim, kMaxTrim))));
}

}  // namespace live::transcode::worker
