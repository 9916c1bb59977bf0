#include "server/transcode/worker/audio_timeline.h"

#include <algorithm>

namespace live::transcode::worker {

namespace {
float ramp(std::int64_t step, std::int64_t length) {
    return (static_cast<float>(step) + 0.5F) / static_cast<float>(length);
}
}  // namespace

void AudioTimeline::clear(std::int64_t from, std::int64_t to) {
    for (std::int64_t i = from; i < to; ++i) at(0, i) = at(1, i) = 0;
    m_silent += std::max<std::int64_t>(to - from, 0);
}

// The last 20 ms before `position`, or what of them has not been read.
void AudioTimeline::fadeOutBefore(std::int64_t position) {
    const std::int64_t begin = std::max({position - kFade, m_read, m_faded});
    for (std::int64_t i = begin; i < position; ++i) {
        const float gain = ramp(position - 1 - i, position - begin);
        for (int side : {0, 1}) at(side, i) *= gain;
    }
    m_faded = std::max(m_faded, position);
}

void AudioTimeline::write(std::int64_t position, const av::StereoSamples& samples) {
    const auto count = static_cast<std::int64_t>(samples.size());
    const std::int64_t begin = std::max(position, m_read);
    const std::int64_t end = std::min(position + count, m_read + kCapacity);
    if (end <= begin) return;
    if (begin > m_end) {
        fadeOutBefore(m_end);
        clear(m_end, begin);
        m_isAfterGap = true;
    }
    const std::int64_t overlap = std::min(m_end, begin + kFade);  // before this both exist
    const bool fadesIn = m_isAfterGap && begin >= m_end;
    for (std::int64_t i = begin; i < end; ++i) {
        const bool isSoft = i < overlap || (fadesIn && i < begin + kFade);
        const float gain = isSoft ? ramp(i - begin, kFade) : 1.0F;
        for (int side : {0, 1}) {
            const float before = i < overlap ? at(side, i) : 0.0F;
            const float now = samples.planes[static_cast<std::size_t>(side)][static_cast<std::size_t>(i - position)];
            at(side, i) = now * gain + before * (1.0F - gain);
        }
    }
    m_end = end;
    m_isAfterGap = false;
}

void AudioTimeline::read(std::span<float> left, std::span<float> right) {
    const auto count = static_cast<std::int64_t>(left.size());
    const std::int64_t until = m_read + count;
    if (m_end < until) {
        if (m_end > m_read) fadeOutBefore(m_end);
        clear(m_end, until);
        m_isAfterGap = true;
        m_end = until;
    }
    for (std::int64_t i = 0; i < count; ++i) {
        left[static_cast<std::size_t>(i)] = at(0, m_read + i);
        right[static_cast<std::size_t>(i)] = at(1, m_read + i);
    }
    m_read = until;
}

}  // namespace live::transcode::worker
