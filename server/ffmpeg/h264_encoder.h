// One H.264 rung: libx264 in the settings that let encoders started at different times splice without a seam.
#pragma once

#include "common/av/ptr.h"
#include "server/media/plan.h"

namespace live::ffmpeg {

struct EncodedPicture {
    std::int64_t frame = 0;
    bool isKey = false;
    Buffer data;  // 4-byte length-prefixed NAL units
};

// superfast, zerolatency, no B-frames, one reference, closed GOP, no scene cuts, one thread: a packet for every frame
// at once. High profile; level from h264Level(); BT.709 limited range, square pixels. Equal plans give byte-equal
// configurations whatever the bitrate in use. Not thread safe; may move between threads.
class H264Encoder {
public:
    // Where in the broadcast an encoder begins. Inside a segment another encoder may have spent all that the buffer
    // allows already: then this one begins with next to nothing in it, so that BANDWIDTH holds.
    enum class Start : std::uint8_t { SegmentStart, InsideSegment };

    static Result<H264Encoder> create(const media::BroadcastPlan& plan, std::size_t rendition,
                                      Start start = Start::SegmentStart);

    // avcC, known before the first frame.
    const Buffer& configuration() const { return m_configuration; }

    struct Input {
        std::int64_t frame = 0;  // grid frame number; grows
        bool isKey = false;      // makes an IDR picture; no other picture is one, except the first
        ByteView captions =
            {};  // CEA-708 cc_data triples (ATSC A/53) to go with the picture; kept if the plan has captions
    };
    // The picture has the size of the rendition and is 8-bit 4:2:0; it is not changed.
    Result<EncodedPicture> encode(const AVFrame& picture, const Input& input);

private:
    H264Encoder(av::CodecContextPtr context, Buffer configuration)
        : m_context(std::move(context)), m_configuration(std::move(configuration)), m_packet(av::makePacket()) {}

    av::CodecContextPtr m_context;
    Buffer m_configuration;
    av::PacketPtr m_packet;
};

}  // namespace live::ffmpeg
