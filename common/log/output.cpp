#include "common/log/output.h"

#include <poll.h>
#include <unistd.h>

#include <cerrno>

namespace live::log {

void DescriptorOutput::write(std::string_view line) {
    const std::lock_guard lock(m_mutex);
    if (!isWritable() || !writeAll(line)) ++m_dropped;
}

std::uint64_t DescriptorOutput::droppedLines() const {
    const std::lock_guard lock(m_mutex);
    return m_dropped;
}

// A pipe that polls as writable takes PIPE_BUF bytes without blocking, and no line is longer (kMaxLineBytes).
bool DescriptorOutput::isWritable() const {
    pollfd wanted{m_descriptor, POLLOUT, 0};
    while (true) {
        const int ready = ::poll(&wanted, 1, 0);
        if (ready < 0 && errno == EINTR) continue;
        return ready == 1 && (wanted.revents & POLLOUT) != 0 && (wanted.revents & POLLERR) == 0;
    }
}

bool DescriptorOutput::writeAll(std::string_view line) const {
    while (!line.empty()) {
        const ssize_t written = ::write(m_descriptor, line.data(), line.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return false;
        line.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

void MemoryOutput::write(std::string_view line) {
    const std::lock_guard lock(m_mutex);
    m_lines.emplace_back(line);
}

std::vector<std::string> MemoryOutput::lines() const {
    const std::lock_guard lock(m_mutex);
    return m_lines;
}

}  // namespace live::log
