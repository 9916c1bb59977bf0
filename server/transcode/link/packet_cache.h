// What a new worker is fed with first: the input since its last video key frame, and enough audio to warm an encoder
// up.
//
// Kept: the tracks in force, video since the last key frame, audio since one second before that key frame and at least
// of the last 4 s. Bounds: 10 s (by arrival) or 32 MiB since the key frame; beyond them the video is given up until the
// next key frame, and audio is then kept for 4 s. One owner thread: the media thread.
#pragma once

#include <array>
#include <cstddef>
#include <deque>
#include <functional>
#include <optional>
#include <variant>

#include "server/media/packet.h"
#include "server/transcode/link/records.h"

namespace live::transcode {

class PacketCache {
public:
    struct Limits {
        Nanoseconds span = Seconds(10);
        std::size_t bytes = 32 * 1024 * 1024;
        Nanoseconds audio = Seconds(4);
    };

    PacketCache() : PacketCache(Limits{}) {}
    explicit PacketCache(Limits limits) : m_limits(limits) {}

    // In the order they came from the publisher. A track that repeats the one in force is ignored.
    void add(const media::Track& track);
    void add(const media::Packet& packet);
    // The publisher has gone. What is kept stays, for the last picture; the next track or packet starts anew.
    void lost();
    // Forgets the packets, keeps the tracks: for input that workers die of.
    void dropPackets();

    // The tracks in force, then tracks and packets in their order, then InputLost if the publisher has gone.
    void replay(const std::function<void(Record)>& send) const;

    // There is a key frame to start from. A worker started now shows a picture at once.
    bool hasPicture() const { return m_keyArrival.has_value(); }
    // A group of pictures was too long or too large to keep.
    bool isOverLimit() const { return m_isOverLimit; }
    std::size_t bytes() const { return m_bytes; }

private:
    using Entry = std::variant<media::Track, media::Packet>;  // of video only packets: its track is always in m_base

    const media::Track* latest(media::MediaKind kind) const;
    void startAnew();
    void dropVideo();
    void dropOldAudio(OutputTime now);
    void popFront();
    void keepTrack(media::Track& track);

    Limits m_limits;
    std::array<std::optional<media::Track>, 2> m_base;  // by MediaKind: in force before the first entry
    std::deque<Entry> m_entries;
    std::size_t m_bytes = 0;
    std::optional<OutputTime> m_keyArrival;
    bool m_isOverLimit = false;
    bool m_isLost = false;
};

}  // namespace live::transcode
