// One video rendition: an encoder with a thread and a bounded queue of its own.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

#include "common/base/clock.h"
#include "server/ffmpeg/h264_encoder.h"
#include "server/transcode/link/records.h"

namespace live::transcode::worker {

struct RungPicture {
    av::SharedFrame picture;
    Bytes captions;
    std::int64_t frame = 0;
    std::uint16_t frameCount = 1;
    bool isKey = false;
};

// push, clear and waitForRoom are for one thread (the playout's), the rest for any.
class Rung {
public:
    using OnPacket = std::function<void(OutputPacket)>;  // on the rung's thread
    using OnFailure = std::function<void(Error)>;        // on the rung's thread; nothing is encoded afterwards

    struct Setup {
        std::uint8_t rendition = 0;
        std::size_t maxQueued = 0;  // pictures; beyond it push() refuses
        double frameSeconds = 0;    // for the encode speed
    };
    Rung(Setup setup, ffmpeg::H264Encoder encoder, const Clock& clock, OnPacket onPacket, OnFailure onFailure);
    ~Rung();
    Rung(const Rung&) = delete;

    // False when the queue is full: the picture was not taken.
    bool push(RungPicture picture);
    // Until fewer than this many (and than the bound) are queued.
    void waitForRoom(std::size_t below = SIZE_MAX);
    void waitUntilIdle();
    // Forgets what is queued; a picture that is being encoded is still finished.
    void clear();

    const Buffer& configuration() const { return m_encoder.configuration(); }
    void countShed(std::uint64_t frames);
    Heartbeat::RenditionFigures figures() const;

private:
    struct Spent {
        BootTime at{};
        Nanoseconds busy{};
        std::uint16_t frames = 1;
    };

    void run(const std::stop_token& stop);
    void encode(const RungPicture& picture);
    void account(const Spent& spent, std::size_t bytes);

    Setup m_setup;
    ffmpeg::H264Encoder m_encoder;
    const Clock& m_clock;
    OnPacket m_onPacket;
    OnFailure m_onFailure;

    mutable std::mutex m_mutex;
    std::condition_variable_any m_changed;
    std::deque<RungPicture> m_queue;
    bool m_isBusy = false;
    bool m_hasFailed = false;
    Heartbeat::RenditionFigures m_figures;
    std::deque<Spent> m_spent;  // the last 5 s
    std::jthread m_thread;
};

}  // namespace live::transcode::worker
