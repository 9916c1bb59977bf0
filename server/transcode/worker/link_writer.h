// Records on their way to the server: encoded by the worker's threads, written by the link's.
#pragma once

#include <deque>
#include <memory>
#include <mutex>

#include "common/base/bytes.h"
#include "common/base/error.h"
#include "server/transcode/link/records.h"

namespace live::transcode::worker {

// Bounded: the server reads at once or is in trouble; 64 MiB is more than a minute of a large ladder. Beyond it the
// link is of no more use, and isBroken() says so.
class LinkWriter {
public:
    static constexpr std::size_t kMaxQueued = 64 * 1024 * 1024;

    // Io when the system has no event descriptor left.
    static Result<std::unique_ptr<LinkWriter>> create();
    ~LinkWriter();
    LinkWriter(const LinkWriter&) = delete;

    // Any thread. Never blocks.
    void push(const Record& record);
    // Any thread: makes wakeDescriptor() readable.
    void wake() const;

    // The link's thread: readable after push() and wake(), until acknowledged.
    int wakeDescriptor() const { return m_event; }
    void acknowledge() const;
    // Writes as much as the socket takes. Io when the peer has gone.
    Result<void> write(int socket);
    bool isEmpty() const;
    bool isBroken() const;

private:
    explicit LinkWriter(int event) : m_event(event) {}

    int m_event;
    mutable std::mutex m_mutex;
    std::deque<Bytes> m_queue;
    std::size_t m_queued = 0;
    std::size_t m_written = 0;  // of the first in the queue
    bool m_isBroken = false;
};

}  // namespace live::transcode::worker
