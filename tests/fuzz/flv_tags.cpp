// Audio, video, data and aggregate messages after a published session's start: records of u8 type, u32 time stamp,
// u16 size and the body.
#include <array>

#include "server/ingest/rtmp/media_input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace live;
    using namespace live::ingest::rtmp;
    constexpr std::array kTypes{MessageType::Video, MessageType::Audio, MessageType::DataAmf0, MessageType::DataAmf3,
                                MessageType::Aggregate};
    ByteReader input({data, size});
    MediaInput media;
    std::vector<Event> events;
    while (input.remaining() > 0) {
        Message message;
        message.type = kTypes[input.u8() % kTypes.size()];
        message.timestamp = input.u32();
        const std::size_t length = input.u16();
        message.payload = Buffer::copyOf(input.bytes(std::min(length, input.remaining())));
        if (!media.receive(message, events)) break;
    }
    bool hasVideo = false, hasAudio = false;
    for (const Event& event : events) {
        if (const auto* track = std::get_if<media::Track>(&event)) {
            (track->kind == media::MediaKind::Video ? hasVideo : hasAudio) = true;
            LIVE_ASSERT(!track->configuration.empty());
        } else if (const auto* packet = std::get_if<media::Packet>(&event)) {
            LIVE_ASSERT(packet->kind == media::MediaKind::Video ? hasVideo : hasAudio);
            LIVE_ASSERT(!packet->data.empty());
        }
    }
    return 0;
}
