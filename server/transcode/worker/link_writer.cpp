#include "server/transcode/worker/link_writer.h"

#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

#include "server/transcode/link/codec.h"

namespace live::transcode::worker {

Result<std::unique_ptr<LinkWriter>> LinkWriter::create(int socket) {
    FileDescriptor event(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (!event.isOpen()) return failErrno("eventfd", errno);
    return std::unique_ptr<LinkWriter>(new LinkWriter(socket, std::move(event)));
}

void LinkWriter::push(const Record& record) {
    Bytes bytes = encode(record);
    {
        const std::lock_guard lock(m_mutex);
        if (m_isBroken) return;
        if (m_queue.empty()) {
            const Result<std::size_t> sent = send(bytes);
            if (sent && *sent == bytes.size()) return;
            // A peer that has gone shows at the socket, where the link's thread looks.
            m_written = sent.value_or(0);
        }
        m_isBroken = m_queued + bytes.size() > kMaxQueued;
        if (!m_isBroken) {
            m_queued += bytes.size();
            m_queue.push_back(std::move(bytes));
        }
    }
    wake();
}

Result<std::size_t> LinkWriter::send(ByteView bytes) const {
    while (true) {
        const ssize_t sent = ::send(m_socket, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent >= 0) return static_cast<std::size_t>(sent);
        if (errno == EAGAIN || errno == EWOULDBLOCK) return std::size_t{0};
        if (errno != EINTR) return failErrno("send", errno);
    }
}

void LinkWriter::wake() const {
    const std::uint64_t one = 1;
    // Fails only when the counter is full, which wakes as well.
    static_cast<void>(!::write(m_event.value(), &one, sizeof(one)));
}

void LinkWriter::acknowledge() const {
    std::uint64_t count = 0;
    static_cast<void>(!::read(m_event.value(), &count, sizeof(count)));
}

Result<void> LinkWriter::write() {
    const std::lock_guard lock(m_mutex);
    while (!m_queue.empty()) {
        const std::size_t sent = LIVE_TRY(send(ByteView(m_queue.front()).subspan(m_written)));
        if (sent == 0) return {};
        m_written += sent;
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
