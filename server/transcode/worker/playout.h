// What goes on air: at its time on the grid, every frame of every rendition, whatever the input does.
#pragma once

#include <memory>
#include <vector>

#include "server/transcode/worker/audio_rung.h"
#include "server/transcode/worker/cascade.h"
#include "server/transcode/worker/catch_up.h"
#include "server/transcode/worker/input.h"
#include "server/transcode/worker/playout_clock.h"
#include "server/transcode/worker/rung.h"
#include "server/transcode/worker/shedding.h"

namespace live::transcode::worker {

// Frame n of rate r is handed to the encoders at output time n/r, by timer and never by data; a picture that is not
// there yet is replaced by the last one. Frames that are past (the start of a broadcast, a worker that replaces
// another, a machine that was suspended) are handed out as fast as the encoders take them, and then only, and at the
// end of a broadcast, playout waits for the decoder. Before the first frame it waits for a picture, at most 300 ms, and
// in a worker that replaces another for the replayed input, at most 1 s.
//
// No thread of its own: the owner calls step() whenever untilDue() is 0. stop() and fill() may be called by another
// thread.
class Playout {
public:
    struct Links {
        const PlayoutClock& clock;
        const Clock& boot;
        InputBuffer& buffer;
        Input& input;
        Output& output;
        std::function<void(Error)> onFailure;  // any thread; nothing more can be produced
    };
    struct Encoders {
        std::vector<ffmpeg::H264Encoder> video;
        AudioRung audio;
    };
    static Result<Encoders> makeEncoders(const Job& job);

    Playout(const Job& job, Encoders encoders, Links links);

    // Time until step() has something to do; a guess of a few ms while it waits for the first picture or the clock.
    Nanoseconds untilDue();
    // Produces the next video or audio frame.
    void step();
    // The start is behind us and frames go out as their time comes.
    bool isLive() const { return m_catchUp.hasBeenLive(); }

    // Ends after the last frame of the segment; once that segment has begun, the rest of it is produced at once.
    void stop(std::int64_t lastSegment);
    bool isFinished() const;
    void waitForEncoders();
    void fill(Heartbeat& heartbeat) const;

private:
    struct End {
        OutputTime segmentStart{};
        std::int64_t videoFrame = 0;
        std::int64_t audioFrame = 0;
    };

    bool mayStart();
    bool isEnding() const;
    bool hasVideoLeft() const;
    bool hasAudioLeft() const;
    bool isAudioNext() const;
    OutputTime due() const;
    void videoStep();
    void beginSlot(std::int64_t slot);
    void apply(const SheddingPolicy::Change& change);
    void hand(std::size_t rung, const PictureStore::Shown& shown);

    media::BroadcastPlan m_plan;
    media::TrackGrid m_video;
    Links m_links;
    bool m_isReplacement;
    BootTime m_created;
    std::int64_t m_firstFrame;
    std::int64_t m_nextFrame;
    std::int64_t m_slot = -1;      // of the last frame, counted from the epoch
    std::int64_t m_slotBegin = 0;  // its first frame
    std::int64_t m_slotEnd = 0;    // first frame of the next slot
    bool m_hasStarted = false;
    CatchUp m_catchUp;

    Cascade m_cascade;
    SheddingPolicy m_shedding;
    std::vector<Bytes> m_captions;  // of frames that a rung left out
    AudioRung m_audio;
    std::vector<std::unique_ptr<Rung>> m_rungs;

    mutable std::mutex m_mutex;  // m_end, m_audioFigures
    std::optional<End> m_end;
    Heartbeat::RenditionFigures m_audioFigures;
};

}  // namespace live::transcode::worker
