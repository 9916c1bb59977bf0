// A thread that runs calls one after another, with a bound on how many may wait.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "common/base/error.h"

namespace live::catalog {

// One call and who waits for its answer. Gets answer() or refuse(), exactly once.
class Call {
public:
    enum class Kind : std::uint8_t { Read, Write };

    virtual ~Call() = default;
    virtual Kind kind() const = 0;
    // Does the work and keeps the result; again if what it wrote could not be kept.
    virtual void run() = 0;
    virtual void answer() = 0;
    virtual void refuse(const Error& reason) = 0;
};
using Calls = std::vector<std::unique_ptr<Call>>;

class CallQueue {
public:
    static constexpr std::size_t kMaxTogether = 64;

    // `work` gets, on the queue's thread, the call that has waited longest; if it is a write, with the writes that wait
    // right behind it, at most kMaxTogether.
    using Work = std::move_only_function<void(const Calls&)>;

    CallQueue(std::size_t maxQueued, Work work);
    // Runs what waits, then ends the thread. Calls posted from then on, by running calls, are refused. Not on its own
    // thread.
    ~CallQueue();
    CallQueue(const CallQueue&) = delete;
    CallQueue& operator=(const CallQueue&) = delete;

    // Any thread. Refuses on the caller's thread: Overloaded when `maxQueued` calls wait, Cancelled when the queue is
    // ending.
    void post(std::unique_ptr<Call> call);
    // How many wait. Any thread.
    std::size_t size() const;

private:
    void run();
    Calls takeNext();

    const std::size_t m_maxQueued;
    Work m_work;
    mutable std::mutex m_mutex;
    std::condition_variable m_changed;
    std::deque<std::unique_ptr<Call>> m_calls;
    bool m_isEnding = false;
    std::thread m_thread;
};

}  // namespace live::catalog
