// Decoded sound on the output time line: 48 kHz stereo samples at absolute positions (sample n sounds n/48000 s after
// the epoch of the output clock).
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "common/av/resampler.h"

namespace live::transcode::worker {

// Holds 12 s. Where nothing was written silence is read. Every edge is soft: writing over what is there crossfades,
// writing after a gap fades in, the end of what there is fades out, 20 ms each. Not thread safe.
class AudioTimeline {
public:
    static constexpr std::int64_t kCapacity = 12 * av::kSampleRate;
    static constexpr std::int64_t kFade = av::kSampleRate / 50;

    explicit AudioTimeline(std::int64_t firstSample) : m_read(firstSample), m_end(firstSample) {}

    // Samples that have been read already, or lie more than the capacity ahead, are left out.
    void write(std::int64_t position, const av::StereoSamples& samples);
    // The next samples. Reads go on from one another.
    void read(std::span<float> left, std::span<float> right);

    // Position after the last sample written.
    std::int64_t end() const { return m_end; }
    std::int64_t silentSamples() const { return m_silent; }

private:
    float& at(int side, std::int64_t position) {
        return m_ring[static_cast<std::size_t>(side)][static_cast<std::size_t>(position % kCapacity)];
    }
    void fadeOutBefore(std::int64_t position);
    void clear(std::int64_t from, std::int64_t to);

    std::array<std::vector<float>, 2> m_ring{std::vector<float>(kCapacity), std::vector<float>(kCapacity)};
    std::int64_t m_read;       // next sample to be read
    std::int64_t m_end;        // [m_read, m_end) was written; never before m_read
    std::int64_t m_faded = 0;  // what is before has been faded out already
    bool m_isAfterGap = true;  // the next write fades in
    std::int64_t m_silent = 0;
};

}  // namespace live::transcode::worker
