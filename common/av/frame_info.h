// What decoded pictures carry besides pixels.
#pragma once

#include <string>
#include <string_view>

#include "common/av/ptr.h"
#include "common/base/bytes.h"

namespace live::av {

// What has to be done to show a picture upright: mirrored first, then turned clockwise by quarters (0 to 3).
struct Turn {
    int quarters = 0;
    bool isFlipped = false;
    friend bool operator==(const Turn&, const Turn&) = default;
};

// From a display orientation SEI message (ITU-T H.264 §D.2.27) or a container's matrix.
Turn displayTurn(const AVFrame& frame);

// "PQ (SMPTE ST 2084)" or "HLG (ARIB STD-B67)"; empty for a picture that is not HDR.
std::string_view hdrName(const AVFrame& frame);

// "yuv420p"
std::string pixelFormatName(int format);

// The cc_data triples (ATSC A/53 part 4) of a picture; empty without captions.
Bytes captions(const AVFrame& frame);
void removeSideData(AVFrame& frame);

}  // namespace live::av
