#include "server/transcode/worker/link_writer.h"

#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

#include "server/transcode/link/codec.h"

namespace live::transcode::worker {

Result<std::unique_ptr<LinkWriter>> LinkWriter::create() {
    const int event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (event < 0) return failErrno("eventfd", errno);
    return std::unique_ptr<LinkWriter>(new LinkWriter(event));
}

LinkWriter::~LinkWriter() { ::close(m_event); }

void LinkWriter::push(const Record& record) {
    Bytes bytes = encode(record);
    {
        const std::lock_guard lock(m_mutex);
        if (m_queued + bytes.size() > kMaxQueued) m_isBroken = true;
        if (!m_isBroken) {
            m_queued += bytes.size();
            m_queue.push_back(std::move(bytes));
        }
    }
    wake();
}

void LinkWriter::wake() const {
    const std::uint64_t one = 1;
    // Fails only when the counter is full, which wakes as well.
    static_cast<void>(!::write(m_event, &one, sizeof(one)));
}

void LinkWriter::acknowledge() const {
    std::uint64_t count = 0;
    static_cast<void>(!::read(m_event, &count, sizeof(count)));
}

Result<void> LinkWriter::write(int socket) {
    std::unique_lock lock(m_mutex);
    while (!m_queue.empty()) {
        // Deques keep their elements in place while others are pushed behind: the bytes stay valid without the lock.
        const ByteView rest = ByteView(m_queue.front()).subspan(m_written);
        lock.unlock();
        const ssize_t sent = ::send(socket, rest.data(), rest.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        const int error = errno;
        lock.lock();
        if (sent < 0 && (error == EAGAIN || error == EWOULDBLOCK)) return {};
        if (sent < 0 && error == EINTR) continue;
        if (sent < 0) return failErrno("send", error);
        m_written += static_cast<std::size_t>(sent);
        if (m_written < m_queue.front().size()) continue;
        m_queued -= m_queue.front().size();
        m_queue.pop_front();
        m_written = 0;
    }
    return {};
}

bool LinkWriter::isEmpty() const {
    const std::lock_guard lock(m_mutex);
    return m_queue.empty();
}

bool LinkWriter::isBroken() const {
    const std::lock_guard lock(m_mutex);
    return m_isBroken;
}

}  // namespace live::transcode::worker
