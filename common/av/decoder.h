// One audio or video decoder of libavcodec: packets in, frames out.
#pragma once

#include <functional>

#include "common/av/ptr.h"
#include "common/base/bytes.h"

namespace live::av {

// Single threaded and without added delay: a frame comes out as soon as its order is certain. Tolerates damaged
// packets: an error concerns the packet, and the decoder goes on with the next one. Not thread safe.
class Decoder {
public:
    using OnFrame = std::function<void(FramePtr)>;

    // `configuration` is what MP4 has: an avcC record for H.264 (samples are then length-prefixed), an
    // AudioSpecificConfig for AAC. Unsupported when the library has no such decoder or refuses the configuration.
    static Result<Decoder> create(AVCodecID codec, ByteView configuration);

    // Time stamps are in units of the caller and come back in AVFrame::pts (best effort where `pts` was missing).
    struct Input {
        ByteView data;
        std::int64_t pts = 0;
        std::int64_t dts = 0;
    };
    Result<void> decode(const Input& input, const OnFrame& onFrame);
    // Gives out the frames that wait for their order. The decoder can be used again afterwards.
    void drain(const OnFrame& onFrame);

private:
    explicit Decoder(CodecContextPtr context) : m_context(std::move(context)), m_packet(makePacket()) {}
    Result<void> receive(const OnFrame& onFrame);

    CodecContextPtr m_context;
    PacketPtr m_packet;
};

}  // namespace live::av
