// A thread that runs calls one after another, with a bound on how many may wait.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

#include "common/base/error.h"

namespace live::catalog {

class CallQueue {
public:
    // Run with nullptr on the queue's thread, or with the reason why not on the thread that posted it. Exactly once.
    using Call = std::move_only_function<void(const Error* refusal)>;

    explicit CallQueue(std::size_t maxQueued);
    // Runs what waits, then ends the thread. Calls posted from then on, by running calls, are refused. Not on its own
    // thread.
    ~CallQueue();
    CallQueue(const CallQueue&) = delete;
    CallQueue& operator=(const CallQueue&) = delete;

    // Any thread. Overloaded when `maxQueued` calls wait, Cancelled when the queue is ending.
    void post(Call call);

private:
    void run();

    const std::size_t m_maxQueued;
    std::mutex m_mutex;
    std::condition_variable m_changed;
    std::deque<Call> m_calls;
    bool m_isEnding = false;
    std::thread m_thread;
};

}  // namespace live::catalog
