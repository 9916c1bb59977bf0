// The sound side of the input: packets → 48 kHz stereo at positions on the output time line. The decoder's thread.
#pragma once

#include <optional>

#include "common/av/decoder.h"
#include "common/av/resampler.h"
#include "server/transcode/worker/video_input.h"

namespace live::transcode::worker {

// Samples follow one another without a seam. How far they are from where their time stamps want them is worked off by
// resampling, at most 0.5 %; from 40 ms on they are put where they belong (the time line crossfades).
class AudioInput {
public:
    AudioInput(InputBuffer& buffer, InputNotices& notices) : m_buffer(buffer), m_notices(notices) {}

    void open(ByteView audioSpecificConfig);
    // Time stamps in microseconds of output time.
    void decode(const av::Decoder::Input& input);
    // What comes next does not follow what came last.
    void interrupt();

private:
    void onDecoded(const AVFrame& frame);
    void noteFormat(const AVFrame& frame);
    void align(double wanted);

    struct Format {
        int rate = 0;
        int channels = 0;
        friend bool operator==(const Format&, const Format&) = default;
    };

    InputBuffer& m_buffer;
    InputNotices& m_notices;
    std::optional<av::Decoder> m_decoder;
    av::Resampler m_resampler;
    std::optional<Format> m_format;
    std::optional<std::int64_t> m_position;  // of the next sample
    double m_error = 0;                      // smoothed, in samples: where it should be minus where it is
};

}  // namespace live::transcode::worker
