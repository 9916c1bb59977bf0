// Decoded pictures that wait for their output frame, and the one on air.
#pragma once

#include <deque>
#include <optional>

#include "common/av/ptr.h"
#include "common/base/bytes.h"
#include "server/media/grid.h"

namespace live::transcode::worker {

struct Picture {
    av::SharedFrame frame;  // as decoded, no side data
    Bytes captions;         // CEA-708 cc_data triples of this picture
};

// Every picture gets the output frame nearest to its time. An input of the output's rate keeps the frame after the last
// one until it is three quarters of a frame off, so that jitter around a boundary causes neither repeats nor drops.
// When a frame's time comes the newest picture for it or for an earlier frame goes on air; older ones that never were
// are dropped, and their captions go with the newer one. Not thread safe.
class PictureStore {
public:
    // More are not decoded ahead; the packets wait instead.
    static constexpr std::size_t kCapacity = 16;

    PictureStore(media::TrackGrid track, std::int64_t firstFrame) : m_track(track), m_nextFrame(firstFrame) {}

    // In presentation order; a time before that of the last picture drops the pictures after it.
    void add(Picture picture, OutputTime time);
    bool isFull() const { return m_waiting.size() >= kCapacity; }
    // There has been a picture.
    bool hasPicture() const { return m_onAir.frame || !m_waiting.empty(); }
    // There is a picture for `frame` or a later one.
    bool reaches(std::int64_t frame) const { return !m_waiting.empty() && m_waiting.back().frame >= frame; }

    struct Shown {
        av::SharedFrame frame;  // null before the first picture
        Bytes captions;
        bool isRepeat = false;
    };
    // What to show in `frame`; frames are asked for one after the other.
    Shown take(std::int64_t frame);

    std::uint64_t repeated() const { return m_repeated; }
    std::uint64_t dropped() const { return m_dropped; }

private:
    struct Waiting {
        std::int64_t frame = 0;
        Picture picture;
    };
    struct Last {
        OutputTime time{};
        std::int64_t frame = 0;
    };

    std::int64_t frameFor(OutputTime time) const;
    // Drops what is before the newest picture that is due at `frame`.
    void dropOverdue(std::int64_t frame);

    media::TrackGrid m_track;
    std::int64_t m_nextFrame;
    std::optional<Last> m_last;
    std::deque<Waiting> m_waiting;
    Picture m_onAir;
    Bytes m_pendingCaptions;
    std::uint64_t m_repeated = 0;
    std::uint64_t m_dropped = 0;
};

// Appends cc_data triples, as many as one picture may carry (ATSC A/53 part 4: cc_count has 5 bits); the oldest stay.
void appendCaptions(Bytes& to, ByteView more);

}  // namespace live::transcode::worker
