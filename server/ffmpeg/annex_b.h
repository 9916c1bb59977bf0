// What x264 writes (ITU-T H.264 Annex B) ↔ what MP4 holds (ISO/IEC 14496-15).
#pragma once

#include <functional>

#include "common/base/bytes.h"
#include "common/base/error.h"

namespace live::ffmpeg {

// Calls `onNal` for every non-empty NAL unit between start codes of three or four bytes, without start code and trailing zeros.
void forEachNal(ByteView annexB, const std::function<void(ByteView)>& onNal);

// AVCDecoderConfigurationRecord (14496-15 §5.3.3.1.2) from one SPS and one PPS, for 8-bit 4:2:0 and 4-byte lengths.
// Protocol if one is missing.
Result<Buffer> avcConfiguration(ByteView annexBHeaders);

// A sample with 4-byte lengths. Parameter sets and access unit delimiters, which the configuration has, and encoder
// signatures (SEI user_data_unregistered) are left out.
Buffer avcSample(ByteView annexB);

}  // namespace live::ffmpeg
