#include "server/ingest/io/listening_socket.h"

#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

namespace live::ingest::io {

using boost::asio::ip::tcp;

namespace {

void setOption(int descriptor, int level, int option, int value) {
    ::setsockopt(descriptor, level, option, &value, sizeof value);
}

std::unexpected<Error> failAndClose(int descriptor, std::string_view operation, const std::string& context) {
    const int errorNumber = errno;
    ::close(descriptor);
    return failErrno(operation, errorNumber, context);
}

}  // namespace

Result<int> openListeningSocket(const tcp::endpoint& address) {
    const std::string name = toText(address);  // before errno is set: Asio clears it
    const int descriptor = ::socket(address.protocol().family(), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (descriptor < 0) return failErrno("socket", errno, name);
    setOption(descriptor, SOL_SOCKET, SO_REUSEADDR, 1);
    if (::bind(descriptor, address.data(), static_cast<socklen_t>(address.size())) != 0) {
        return failAndClose(descriptor, "cannot listen", name);
    }
    if (::listen(descriptor, SOMAXCONN) != 0) return failAndClose(descriptor, "cannot listen", name);
    return descriptor;
}

Result<tcp::endpoint> prepareListeningSocket(int descriptor) {
    int isListening = 0;
    socklen_t size = sizeof isListening;
    if (::getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &isListening, &size) != 0 || !isListening) {
        return fail(ErrorCode::InvalidArgument,
                    "descriptor " + std::to_string(descriptor) + " is not a listening socket");
    }
    tcp::endpoint address;
    size = static_cast<socklen_t>(address.capacity());
    if (::getsockname(descriptor, address.data(), &size) != 0) return failErrno("getsockname", errno);
    const int family = address.protocol().family();
    if (family != AF_INET && family != AF_INET6) {
        return fail(ErrorCode::InvalidArgument, "descriptor " + std::to_string(descriptor) + " is not a TCP socket");
    }
    ::fcntl(descriptor, F_SETFD, FD_CLOEXEC);
    ::fcntl(descriptor, F_SETFL, ::fcntl(descriptor, F_GETFL) | O_NONBLOCK);
    return address;
}

Result<AcceptedSocket> acceptSocket(int listening, std::chrono::milliseconds userTimeout) {
    AcceptedSocket accepted;
    for (;;) {
        socklen_t size = static_cast<socklen_t>(accepted.peer.capacity());
        accepted.descriptor = ::accept4(listening, accepted.peer.data(), &size, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (accepted.descriptor >= 0) break;
        switch (errno) {
            case EINTR:
            case ECONNABORTED:
            case EPROTO: continue;  // that one has gone already; the next
            case EAGAIN: return accepted;
            case EMFILE:
            case ENFILE:
            case ENOBUFS:
            case ENOMEM:
                return fail(ErrorCode::Overloaded, "no more connections can be opened; raise the descriptor limit");
            default: return failErrno("accept", errno);
        }
    }
    setOption(accepted.descriptor, IPPROTO_TCP, TCP_NODELAY, 1);
    setOption(accepted.descriptor, IPPROTO_TCP, TCP_USER_TIMEOUT, static_cast<int>(userTimeout.count()));
    return accepted;
}

std::string toText(const tcp::endpoint& endpoint) {
    const auto address = endpoint.address();
    const std::string port = ":" + std::to_string(endpoint.port());
    if (address.is_v4()) return address.to_v4().to_string() + port;
    const auto v6 = address.to_v6();
    if (v6.is_v4_mapped()) {
        return boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, v6).to_string() + port;
    }
    return "[" + v6.to_string() + "]" + port;
}

}  // namespace live::ingest::io
