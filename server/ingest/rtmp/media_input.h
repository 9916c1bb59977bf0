// From audio, video and data messages to tracks, packets and metadata. No I/O; one owner.
//
// Video samples leave with 4-byte NAL lengths, whatever the encoder uses. Time stamps are unwrapped from 32 bits
// against the last one of either kind, so that audio and video stay on one time line across a wrap. Nothing is
// reordered or repaired: jumps and times that run backwards are handed on as they are, but none is farther than 2^40 ms
// from zero: there the unwrapping starts anew.
#pragma once

#include <vector>

#include "server/ingest/rtmp/events.h"
#include "server/ingest/rtmp/message.h"

namespace live::ingest::rtmp {

class MediaInput {
public:
    // Frames that were dropped here.
    struct Counters {
        std::uint64_t damagedFrames = 0;  // NAL lengths that do not add up
        std::uint64_t earlyFrames = 0;    // before their decoder configuration
    };

    // Takes any message; those that are not media are ignored. Unsupported: a codec that is not taken or a decoder
    // configuration that cannot be read, the message tells the broadcaster what to do. Protocol: a broken aggregate, or
    // more than kMaxMessagesPerSecond since startSecond().
    Result<void> receive(const Message& message, std::vector<Event>& events);

    // The runner says when a second has passed.
    void startSecond() { m_messagesInSecond = 0; }

    const Counters& counters() const { return m_counters; }

private:
    Result<void> receiveVideo(const Message& message, std::vector<Event>& events);
    Result<void> receiveAudio(const Message& message, std::vector<Event>& events);
    Result<void> configureVideo(ByteView record, std::vector<Event>& events);
    Result<void> configureAudio(ByteView record, std::vector<Event>& events);
    void receiveData(const Message& message, std::vector<Event>& events);
    std::int64_t unwrap(std::uint32_t timestamp);

    Bytes m_videoRecord;  // as sent; empty before the first
    Bytes m_audioRecord;
    std::size_t m_nalLengthSize = 4;
    bool m_hasTime = false;
    std::int64_t m_lastTime = 0;  // milliseconds, unwrapped
    std::size_t m_messagesInSecond = 0;
    Counters m_counters;
};

// The time nearest to `last` whose low 32 bits are `timestamp`.
std::int64_t unwrapTimestamp(std::int64_t last, std::uint32_t timestamp);

}  // namespace live::ingest::rtmp
