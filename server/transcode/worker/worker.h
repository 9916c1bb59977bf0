// The worker: one broadcast's input in, its encoded renditions out, in the records of the link.
//
//   handle(InputPacket) → InputMapping → decoder thread → InputBuffer → playout thread → Cascade → rung threads →
//   Output
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <thread>

#include "server/transcode/worker/playout.h"

namespace live::transcode::worker {

class Worker {
public:
    // Manual: nothing runs by timer; the owner moves the clock and calls settle(). For tests.
    enum class Drive : std::uint8_t { Timer, Manual };

    // `out` is called from the worker's threads, one call at a time; it must neither block nor call the worker.
    // `onFinished` is called once, from any thread: after Stop when everything has been emitted, or after
    // Event::Failed.
    Worker(const Clock& clock, Drive drive, Output::Emit out, std::function<void()> onFinished = [] {});
    ~Worker();
    Worker(const Worker&) = delete;

    // By one thread. Never waits for media; a Job opens the encoders (tens of ms). Records that make no sense (a second
    // Job, packets before it) are ignored. Hello is the caller's business.
    void handle(Record record);
    bool isFinished() const { return m_isFinished; }

    // Manual drive: decodes what came, produces every frame that is due and waits until all of it has been emitted.
    void settle();

private:
    struct Broadcast {
        Broadcast(const Job& job, InputBuffer::Start start, Worker& worker, Playout::Encoders encoders);
        InputBuffer buffer;
        Input input;
        Playout playout;
    };

    void begin(const Job& job);
    void discipline(const ClockRecord& record);
    void run(const std::stop_token& stop);
    void heartbeatIfDue();
    void startFillerWhenLive();
    void encodeFillerNow(const std::stop_token& stop);
    void finish();
    void failed(const Error& error);

    const Clock& m_clock;
    Drive m_drive;
    std::function<void()> m_onFinished;
    std::atomic<bool> m_isFinished = false;
    std::atomic<bool> m_hasFailed = false;
    Output m_output;
    PlayoutClock m_playoutClock;
    std::optional<media::BroadcastPlan> m_fillerPlan;  // until the filler is begun
    BootTime m_lastHeartbeat{};
    std::unique_ptr<Broadcast> m_broadcast;

    std::mutex m_mutex;  // m_isWoken
    std::condition_variable_any m_wake;
    bool m_isWoken = false;
    std::jthread m_filler;
    std::jthread m_thread;
};

}  // namespace live::transcode::worker
