// The narrow waist: what every ingest produces and every stage after it takes.
#pragma once

#include <cstdint>

#include "common/base/bytes.h"
#include "common/base/time.h"

namespace live::media {

enum class MediaKind : std::uint8_t { Video, Audio };
enum class Codec : std::uint8_t { H264, Aac };

// A track's decoder configuration. H.264: the AVCDecoderConfigurationRecord (ISO/IEC 14496-15 §5.3.3.1);
// AAC: the AudioSpecificConfig (ISO/IEC 14496-3 §1.6.2.1).
struct Track {
    MediaKind kind = MediaKind::Video;
    Codec codec = Codec::H264;
    Buffer configuration;
};

// One access unit. H.264 samples are NAL units with 4-byte length prefixes, as in MP4; AAC is one raw_data_block.
struct Packet {
    MediaKind kind = MediaKind::Video;
    bool isKey = false;    // an IDR picture; always true for audio
    std::int64_t pts = 0;  // in ticks of `timescale`; unwrapped, may be negative, may jump
    std::int64_t dts = 0;
    std::int64_t duration = 0;  // 0: unknown
    std::uint32_t timescale = 1000;
    OutputTime arrival{};  // when its last byte came, on the output clock; set by the stream
    Buffer data;
};

}  // namespace live::media
