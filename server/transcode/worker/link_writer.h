// Records on their way to the server: encoded and sent by the thread that has them, without a hop to another.
#pragma once

#include <deque>
#include <memory>
#include <mutex>

#include "common/base/bytes.h"
#include "common/base/error.h"
#include "common/base/file_descriptor.h"
#include "server/transcode/link/records.h"

namespace live::transcode::worker {

// What the socket does not take at once waits for the link's thread. Bounded: the server reads at once or is in
// trouble; 64 MiB is more than a minute of a large ladder. Beyond it the link is of no more use, and isBroken() says
// so.
class LinkWriter {
public:
    static constexpr std::size_t kMaxQueued = 64 * 1024 * 1024;

    // The socket stays the caller's, and open for as long as this lives. Io when the system has no event descriptor
    // left.
    static Result<std::unique_ptr<LinkWriter>> create(int socket);
    LinkWriter(const LinkWriter&) = delete;

    // Any thread. Never blocks: what is left is the link's thread's, which is woken for it.
    void push(const Record& record);
    // Any thread: makes wakeDescriptor() readable.
    void wake() const;

    // The link's thread: readable after wake(), until acknowledged.
    int wakeDescriptor() const { return m_event.value(); }
    void acknowledge() const;
    // Writes as much of what is left as the socket takes. Io when the peer has gone.
    Result<void> write();
    bool isEmpty() const;
    bool isBroken() const;

private:
    LinkWriter(int socket, FileDescriptor event) : m_socket(socket), m_event(std::move(event)) {}

    // How many bytes the socket took; 0 when it is full.
    Result<std::size_t> send(ByteView bytes) const;

    int m_socket;
    const FileDescriptor m_event;
    mutable std::mutex m_mutex;
    std::deque<Bytes> m_queue;
    std::size_t m_queued = 0;
    std::size_t m_written = 0;  // of the first in the queue
    bool m_isBroken = false;
};

}  // namespace live::transcode::worker
