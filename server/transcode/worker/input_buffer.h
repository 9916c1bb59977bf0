// Between the decoder's thread and the playout's: decoded pictures and sound on output time.
#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>

#include "server/transcode/worker/audio_timeline.h"
#include "server/transcode/worker/picture_store.h"

namespace live::transcode::worker {

// Any thread.
class InputBuffer {
public:
    // What the first reads will ask for.
    struct Start {
        media::TrackGrid video;
        std::int64_t firstFrame = 0;
        std::int64_t firstSample = 0;
    };
    explicit InputBuffer(const Start& start);

    // The decoder's side. A full store takes pictures all the same (what one packet yields), but asks to stop.
    void addPicture(Picture picture, OutputTime time);
    void addAudio(std::int64_t position, const av::StereoSamples& samples);
    bool hasRoom() const;
    // The decoder has nothing to do, or cannot go on.
    void setIdle();
    void setBusy();

    // The playout's side.
    PictureStore::Shown takePicture(std::int64_t frame);
    void readAudio(std::span<float> left, std::span<float> right);
    bool hasPicture() const;
    bool isIdle() const;
    // Waits until there is a picture for `frame` or a later one, the decoder is idle, or `limit` (of real time) is
    // over.
    void waitForPicture(std::int64_t frame, Nanoseconds limit) const;
    void waitUntilIdle() const;

    struct Figures {
        std::uint64_t repeated = 0;
        std::uint64_t dropped = 0;
        std::uint64_t silentSamples = 0;
    };
    Figures figures() const;

private:
    mutable std::mutex m_mutex;
    mutable std::condition_variable m_changed;
    PictureStore m_pictures;
    AudioTimeline m_audio;
    bool m_isIdle = true;
};

}  // namespace live::transcode::worker
