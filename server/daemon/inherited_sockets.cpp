#include "server/daemon/inherited_sockets.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>

namespace live::daemon {

namespace {

constexpr int kFirstDescriptor = 3;  // SD_LISTEN_FDS_START
constexpr int kMaxSockets = 64;

std::string takeVariable(const char* name) {
    const char* value = std::getenv(name);
    std::string text = value ? value : "";
    unsetenv(name);
    return text;
}

int toInt(const std::string& text) {
    int value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

std::uint16_t portOf(int descriptor) {
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    if (getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &size) != 0) return 0;
    if (address.ss_family == AF_INET) return ntohs(reinterpret_cast<const sockaddr_in&>(address).sin_port);
    if (address.ss_family == AF_INET6) return ntohs(reinterpret_cast<const sockaddr_in6&>(address).sin6_port);
    return 0;
}

bool isListening(int descriptor) {
    int answer = 0;
    socklen_t size = sizeof answer;
    return getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &answer, &size) == 0 && answer != 0;
}

}  // namespace

InheritedSockets InheritedSockets::fromEnvironment() {
    const std::string pid = takeVariable("LISTEN_PID");
    const int count = std::min(toInt(takeVariable("LISTEN_FDS")), kMaxSockets);
    std::string names = takeVariable("LISTEN_FDNAMES");
    InheritedSockets sockets;
    if (toInt(pid) != getpid()) return sockets;
    for (int i = 0; i < count; ++i) {
        const auto colon = names.find(':');
        std::string name = names.substr(0, colon);
        names = colon == std::string::npos ? "" : names.substr(colon + 1);
        const int descriptor = kFirstDescriptor + i;
        if (!isListening(descriptor) || fcntl(descriptor, F_SETFD, FD_CLOEXEC) != 0) {
            sockets.m_ignored.push_back(name + ": descriptor " + std::to_string(descriptor) +
                                        " is not a listening socket");
            continue;
        }
        sockets.m_sockets.push_back({FileDescriptor(descriptor), std::move(name), portOf(descriptor)});
    }
    return sockets;
}

FileDescriptor InheritedSockets::take(std::string_view name, std::uint16_t port) {
    auto found = std::ranges::find(m_sockets, name, &Socket::name);
    if (found == m_sockets.end() && port != 0) found = std::ranges::find(m_sockets, port, &Socket::port);
    if (found == m_sockets.end()) return {};
    FileDescriptor descriptor = std::move(found->descriptor);
    m_sockets.erase(found);
    return descriptor;
}

std::vector<std::string> InheritedSockets::unused() const {
    std::vector<std::string> names = m_ignored;
    for (const Socket& socket : m_sockets) names.push_back(socket.name + ":" + std::to_string(socket.port));
    return names;
}

}  // namespace live::daemon
