// Any decoded audio → 48 kHz stereo float planes, with a speed that can be trimmed.
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "common/av/ptr.h"

namespace live::av {

inline constexpr int kSampleRate = 48000;

// Two planes of float samples at 48 kHz.
struct StereoSamples {
    std::array<std::vector<float>, 2> planes;
    std::size_t size() const { return planes[0].size(); }
};

// Mono goes to both sides at full level. More than two channels are mixed down as ITU-R BS.775 has it (centre and
// surround at -3 dB, no LFE), attenuated as a whole by as much as keeps full scale in all of them from clipping: 7.7 dB
// for 5.1. A change of rate or layout is taken as it comes. Not thread safe.
class Resampler {
public:
    // Unsupported for layouts and formats libswresample does not read.
    Result<StereoSamples> convert(const AVFrame& frame);
    // Input that has gone in but not come out, in output samples.
    std::int64_t delay() const;
    // Stretches what comes next: `samples` more (or fewer) samples a second of output. At most ±480 (1 %).
    void trim(int samples);
    // Forgets what is inside.
    void reset() { m_format.reset(); }

private:
    struct Format {
        int rate = 0;
        int channels = 0;
        int format = -1;
        std::uint64_t mask = 0;
        friend bool operator==(const Format&, const Format&) = default;
    };
    Result<void> configure(const AVFrame& frame, const Format& format);

    std::optional<Format> m_format;
    SwrPtr m_context;
};

}  // namespace live::av
