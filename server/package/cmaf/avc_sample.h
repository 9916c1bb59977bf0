// H.264 access units as samples of an `avc1` track.
#pragma once

#include "common/base/bytes.h"
#include "common/base/error.h"

namespace live::package::cmaf {

struct AvcSample {
    Buffer data;
    bool isIdr = false;
};

// Walks the length-prefixed NAL units of `data`. Access unit delimiters, filler data and parameter sets that the avcC
// `configuration` has are left out (ISO/IEC 14496-15 §5.3.1 wants those in the sample entry only); without any of them
// `data` is shared, not copied. Protocol: lengths that do not add up, no picture, IDR and other slices mixed, parameter
// sets that differ.
Result<AvcSample> avcSample(const Buffer& data, ByteView configuration);

}  // namespace live::package::cmaf
