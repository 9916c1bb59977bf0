#include "server/catalog/call_queue.h"

#include <optional>

namespace live::catalog {

CallQueue::CallQueue(std::size_t maxQueued, Work work)
    : m_maxQueued(maxQueued), m_work(std::move(work)), m_thread([this] { run(); }) {}

CallQueue::~CallQueue() {
    LIVE_ASSERT(std::this_thread::get_id() != m_thread.get_id());
    {
        const std::lock_guard lock(m_mutex);
        m_isEnding = true;
    }
    m_changed.notify_one();
    m_thread.join();
}

void CallQueue::post(std::unique_ptr<Call> call) {
    std::optional<Error> refusal;
    {
        const std::lock_guard lock(m_mutex);
        if (m_isEnding) {
            refusal = Error{ErrorCode::Cancelled, "the catalog is closing"};
        } else if (m_calls.size() >= m_maxQueued) {
            refusal = Error{ErrorCode::Overloaded, "the catalog has too much to do; try again later"};
        } else {
            m_calls.push_back(std::move(call));
        }
    }
    if (refusal) return call->refuse(*refusal);
    m_changed.notify_one();
}

std::size_t CallQueue::size() const {
    const std::lock_guard lock(m_mutex);
    return m_calls.size();
}

void CallQueue::run() {
    std::unique_lock lock(m_mutex);
    while (true) {
        m_changed.wait(lock, [this] { return m_isEnding || !m_calls.empty(); });
        if (m_calls.empty()) return;
        Calls calls = takeNext();
        lock.unlock();
        m_work(calls);
        calls.clear();  // what they captured may take locks when it goes
        lock.lock();
    }
}

Calls CallQueue::takeNext() {
    Calls calls;
    do {
        calls.push_back(std::move(m_calls.front()));
        m_calls.pop_front();
    } while (calls.front()->kind() == Call::Kind::Write && !m_calls.empty() &&
             m_calls.front()->kind() == Call::Kind::Write && calls.size() < kMaxTogether);
    return calls;
}

}  // namespace live::catalog
