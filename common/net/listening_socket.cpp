#include "common/net/listening_socket.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>

namespace live::net {

namespace {

struct SocketAddress {
    sockaddr_storage storage{};
    socklen_t size = sizeof storage;

    sockaddr* data() { return reinterpret_cast<sockaddr*>(&storage); }
    sockaddr_in& ipv4() { return reinterpret_cast<sockaddr_in&>(storage); }
    sockaddr_in6& ipv6() { return reinterpret_cast<sockaddr_in6&>(storage); }
};

Result<SocketAddress> toSocketAddress(const Endpoint& endpoint) {
    SocketAddress address;
    const char* text = endpoint.address.c_str();
    if (::inet_pton(AF_INET, text, &address.ipv4().sin_addr) == 1) {
        address.ipv4().sin_family = AF_INET;
        address.ipv4().sin_port = htons(endpoint.port);
        address.size = sizeof(sockaddr_in);
    } else if (::inet_pton(AF_INET6, text, &address.ipv6().sin6_addr) == 1) {
        address.ipv6().sin6_family = AF_INET6;
        address.ipv6().sin6_port = htons(endpoint.port);
        address.size = sizeof(sockaddr_in6);
    } else {
        return fail(ErrorCode::InvalidArgument, "'" + endpoint.address + "' is not an IP address");
    }
    return address;
}

void setOption(const FileDescriptor& socket, int level, int option, int value) {
    ::setsockopt(socket.value(), level, option, &value, sizeof value);
}

std::string nameOf(const FileDescriptor& socket) { return "descriptor " + std::to_string(socket.value()); }

}  // namespace

std::unexpected<Error> cannotListen(int reason, const Endpoint& endpoint) {
    switch (reason) {
        case EADDRINUSE: return fail(ErrorCode::Io, "another program listens there", endpoint.text());
        case EADDRNOTAVAIL: return fail(ErrorCode::Io, "this machine does not have the address", endpoint.text());
        case EACCES:
            return fail(
                ErrorCode::Io,
                "a port this low needs root or CAP_NET_BIND_SERVICE (AmbientCapabilities= of a systemd unit, or "
                "setcap cap_net_bind_service=+ep on the program)",
                endpoint.text());
        default: return failErrno("cannot listen", reason, endpoint.text());
    }
}

Result<FileDescriptor> listenOn(const Endpoint& endpoint) {
    SocketAddress address = LIVE_TRY(toSocketAddress(endpoint));
    const int family = address.storage.ss_family;
    FileDescriptor socket(::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!socket.isOpen()) return failErrno("socket", errno, endpoint.text());
    setOption(socket, SOL_SOCKET, SO_REUSEADDR, 1);
    if (family == AF_INET6) setOption(socket, IPPROTO_IPV6, IPV6_V6ONLY, 0);
    if (::bind(socket.value(), address.data(), address.size) != 0 || ::listen(socket.value(), SOMAXCONN) != 0)
        return cannotListen(errno, endpoint);
    return socket;
}

Result<FileDescriptor> adoptListening(FileDescriptor socket) {
    int isListening = 0;
    socklen_t size = sizeof isListening;
    if (::getsockopt(socket.value(), SOL_SOCKET, SO_ACCEPTCONN, &isListening, &size) != 0 || isListening == 0)
        return fail(ErrorCode::InvalidArgument, nameOf(socket) + " is not a listening socket");
    LIVE_TRY(boundEndpoint(socket));
    if (::fcntl(socket.value(), F_SETFD, FD_CLOEXEC) != 0 ||
        ::fcntl(socket.value(), F_SETFL, ::fcntl(socket.value(), F_GETFL) | O_NONBLOCK) != 0)
        return failErrno("fcntl", errno, nameOf(socket));
    return socket;
}

Result<Endpoint> boundEndpoint(const FileDescriptor& socket) {
    SocketAddress bound;
    if (::getsockname(socket.value(), bound.data(), &bound.size) != 0)
        return failErrno("getsockname", errno, nameOf(socket));
    char text[INET6_ADDRSTRLEN] = {};
    switch (bound.storage.ss_family) {
        case AF_INET:
            ::inet_ntop(AF_INET, &bound.ipv4().sin_addr, text, sizeof text);
            return Endpoint{text, ntohs(bound.ipv4().sin_port)};
        case AF_INET6:
            ::inet_ntop(AF_INET6, &bound.ipv6().sin6_addr, text, sizeof text);
            return Endpoint{text, ntohs(bound.ipv6().sin6_port)};
        default: return fail(ErrorCode::InvalidArgument, nameOf(socket) + " is not a TCP socket");
    }
}

}  // namespace live::net
