// One RTMP message, as the chunk layer carries it (Adobe RTMP specification 1.0, §6).
#pragma once

#include "common/base/bytes.h"

namespace live::ingest::rtmp {

enum class MessageType : std::uint8_t {
    SetChunkSize = 1,
    Abort = 2,
    Acknowledgement = 3,
    UserControl = 4,
    WindowAcknowledgementSize = 5,
    SetPeerBandwidth = 6,
    Audio = 8,
    Video = 9,
    DataAmf3 = 15,
    CommandAmf3 = 17,
    DataAmf0 = 18,
    CommandAmf0 = 20,
    Aggregate = 22,
};

// In the 24 bits that a chunk header has for a timestamp: its 32 bits follow the header (§5.3.1.3).
inline constexpr std::uint32_t kExtendedTimestamp = 0xFFFFFF;

struct Message {
    MessageType type = MessageType::CommandAmf0;  // a peer may send any other number as well
    std::uint32_t timestamp = 0;                  // milliseconds, wraps at 2^32
    std::uint32_t streamId = 0;                   // message stream: 0 for the connection, then what createStream gave
    std::uint32_t chunkStream = 2;
    Buffer payload;
};

}  // namespace live::ingest::rtmp
