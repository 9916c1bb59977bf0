// The bodies of audio and video messages: FLV tags without their headers (Adobe FLV 10.1, annex E.4.2, E.4.3).
#pragma once

#include <functional>

#include "common/base/error.h"
#include "server/ingest/rtmp/message.h"

namespace live::ingest::rtmp::flv {

enum class BodyKind : std::uint8_t {
    Configuration,  // AVCDecoderConfigurationRecord or AudioSpecificConfig
    Frame,          // length-prefixed NAL units or a raw_data_block
    Ignored,        // nothing to decode: empty, a command frame, end of sequence
};

struct Body {
    BodyKind kind = BodyKind::Ignored;
    std::size_t offset = 0;                    // where the configuration or frame starts
    std::int32_t compositionMilliseconds = 0;  // presentation minus decoding time
};

// H.264 and AAC only. Unsupported for every other codec, the message names it and what to send instead; this includes
// FourCC signalling (Enhanced RTMP). Bodies too short to say anything are Ignored.
Result<Body> parseVideo(ByteView body);
Result<Body> parseAudio(ByteView body);

// Calls `take` for each message inside an aggregate message (RTMP §7.1.6), times shifted so that the first one has the
// aggregate's. Protocol if a length reaches past the end; stops at the first error of `take`.
Result<void> splitAggregate(const Message& aggregate, const std::function<Result<void>(const Message&)>& take);

}  // namespace live::ingest::rtmp::flv
