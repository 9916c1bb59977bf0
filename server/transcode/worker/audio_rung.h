// The audio rendition: sound of the input buffer → AAC packets on the grid. The playout's thread.
#pragma once

#include "common/base/clock.h"
#include "server/ffmpeg/aac_encoder.h"
#include "server/transcode/worker/input_buffer.h"
#include "server/transcode/worker/output.h"

namespace live::transcode::worker {

// Sound is read 64 ms before its time, because the encoder needs two frames more before a packet comes out: a slot's
// audio is then ready when its last picture is. Before the first packet that counts the encoder is fed with what was
// there before, or silence, for 4 s (a worker that replaces another) or 85 ms: a fresh encoder takes that long to sound
// right.
class AudioRung {
public:
    static constexpr Nanoseconds kLead = Milliseconds(64);

    struct Setup {
        std::uint8_t rendition = 0;
        std::int64_t firstFrame = 0;    // first packet that leaves
        std::int64_t warmUpFrames = 4;  // at least ffmpeg::AacEncoder::kLookahead
    };
    static constexpr std::int64_t kFewWarmUpFrames = 4;
    static constexpr std::int64_t kManyWarmUpFrames = 188;

    AudioRung(const Setup& setup, ffmpeg::AacEncoder encoder)
        : m_setup(setup), m_encoder(std::move(encoder)), m_next(setup.firstFrame - setup.warmUpFrames) {}

    // When the next step is due.
    OutputTime due() const { return media::audioTrack().start(m_next) - kLead; }
    // First sample the first step reads.
    std::int64_t nextSample() const { return m_next * static_cast<std::int64_t>(ffmpeg::kAacFrameSamples); }
    // The packet that the next step may yield.
    std::int64_t nextPacket() const { return m_next - ffmpeg::AacEncoder::kLookahead; }
    // Encodes 1024 samples and sends the packet that comes out.
    Result<void> step(InputBuffer& buffer, Output& output, const Clock& clock);

    const Buffer& configuration() const { return m_encoder.configuration(); }
    const Heartbeat::RenditionFigures& figures() const { return m_figures; }

private:
    Setup m_setup;
    ffmpeg::AacEncoder m_encoder;
    std::int64_t m_next;  // frame to be fed
    Heartbeat::RenditionFigures m_figures;
    Nanoseconds m_busy{};
};

}  // namespace live::transcode::worker
