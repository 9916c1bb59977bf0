// What a new worker is fed with first: the input since its last video key frame, and enough audio to warm an encoder
// up.
//
// Kept: the tracks in force, video since the last key frame, audio since one second before that key frame and at least
// of the last 4 s. Bounds: 10 s (by arrival) or 32 MiB since the key frame, with what an entry itself takes; beyond
// them the video is given up until the next key frame, and audio is then kept for 4 s. One owner thread: the media
// thread.
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
    // What an entry takes besides its data: its fields, and the owner of the data with its allocations.
    static constexpr std::size_t kEntryBytes = 192;

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
    std::size_t bytes() const { return m_bytes; }

private:
    template <class Content>
    struct Entry {
        std::uint64_t number = 0;  // in the order in which all of them came
        Content content;
    };
    using Audio = std::variant<media::Track, media::Packet>;

    void startAnew();
    void dropVideo();
    void boundBytes();
    void dropOldAudio(OutputTime now);
    void popAudio();

    Limits m_limits;
    std::array<std::optional<media::Track>, 2> m_current;  // by MediaKind: in force now
    std::optional<media::Track> m_firstAudio;              // in force before the first entry of m_audio
    // Apart, so that a key frame drops the video before it without a look at the audio.
    std::deque<Entry<media::Packet>> m_video;  // all of m_current's track
    std::deque<Entry<Audio>> m_audio;
    std::uint64_t m_count = 0;
    std::size_t m_bytes = 0;
    std::optional<OutputTime> m_keyArrival;
    bool m_isLost = false;
};

}  // namespace live::transcode
