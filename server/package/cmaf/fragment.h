// A CMAF chunk (ISO/IEC 23000-19 §7.3.2.3): the bytes of one part.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "common/base/bytes.h"
#include "common/base/error.h"
#include "server/media/packet.h"

namespace live::package::cmaf {

struct Sample {
    Buffer data;
    std::uint32_t duration = 0;  // ticks of the track
};

enum class FragmentPosition : std::uint8_t {
    SegmentStart,  // begins with styp
    Inside,
};

struct Fragment {
    media::MediaKind kind = media::MediaKind::Video;
    FragmentPosition position = FragmentPosition::Inside;
    std::uint32_t sequence = 0;    // mfhd: (segment · slots + slot) mod 2^32
    std::uint64_t decodeTime = 0;  // tfdt, in ticks of the track since the Unix epoch
    bool startsWithKey = false;    // the first sample is a sync sample; no other one of video is. Audio: always true
    std::span<const Sample> samples;
};

// [styp] moof mdat in one run of bytes. Samples are in decode order, which is presentation order (no B-frames).
Buffer writeFragment(const Fragment& fragment);

// What writeFragment() adds to the sample data.
std::size_t fragmentOverhead(media::MediaKind kind, FragmentPosition position, std::size_t sampleCount);

struct FragmentContent {
    bool startsWithKey = false;
    std::vector<Sample> samples;  // slices of the fragment
};

// Takes apart what writeFragment() made, perhaps before a restart. Protocol for anything else, however it is broken.
Result<FragmentContent> readFragment(const Buffer& bytes);

}  // namespace live::package::cmaf
