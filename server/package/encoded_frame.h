// What goes into the packager.
#pragma once

#include <cstdint>

#include "common/base/bytes.h"
#include "common/base/time.h"

namespace live::package {

// One encoded frame of a rendition. Frames come in order and tile the grid: frame + frameCount is the next one's frame.
struct EncodedFrame {
    std::int64_t frame = 0;        // grid frame number of the rendition's track; in filler counted from 0
    std::uint16_t frameCount = 1;  // more than 1 when frames after it were left out: it is shown that much longer
    bool isKey = false;            // an IDR picture; always true for audio
    Buffer data;                   // H.264: NAL units with 4-byte lengths; AAC: one raw_data_block
    BootTime encodedAt{};          // when it left the encoder
};

}  // namespace live::package
