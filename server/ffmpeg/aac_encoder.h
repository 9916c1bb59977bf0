// The audio rendition: AAC-LC, 48 kHz stereo, on the grid of 1024 samples.
#pragma once

#include <array>
#include <optional>
#include <span>

#include "common/av/ptr.h"
#include "server/media/plan.h"

namespace live::ffmpeg {

inline constexpr std::size_t kAacFrameSamples = 1024;

struct EncodedAudio {
    std::int64_t frame = 0;  // grid frame: the decoded packet sounds from sample 1024 · frame on
    Buffer data;             // raw_data_block
};

// Frames go in one after the other; the packet of frame m comes out when frame m + kLookahead has gone in, and the
// first packets after the start describe a fade from nothing: feed a few frames before the first one that matters. Not
// thread safe; may move between threads.
class AacEncoder {
public:
    static constexpr std::int64_t kLookahead = 2;

    static Result<AacEncoder> create(BitsPerSecond bitrate);

    // AudioSpecificConfig.
    const Buffer& configuration() const { return m_configuration; }

    // Exactly kAacFrameSamples of each side; `frame` grows by one with each call.
    struct Input {
        std::int64_t frame = 0;
        std::span<const float> left;
        std::span<const float> right;
    };
    Result<std::optional<EncodedAudio>> encode(const Input& input);

private:
    AacEncoder(av::CodecContextPtr context, Buffer configuration)
        : m_context(std::move(context)), m_configuration(std::move(configuration)), m_packet(av::makePacket()) {}

    av::CodecContextPtr m_context;
    Buffer m_configuration;
    av::PacketPtr m_packet;
};

}  // namespace live::ffmpeg
