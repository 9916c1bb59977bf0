#include "server/ingest/io/accepted_socket.h"

#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>

namespace live::ingest::io {

using boost::asio::ip::tcp;

namespace {

void setOption(const FileDescriptor& socket, int level, int option, int value) {
    ::setsockopt(socket.value(), level, option, &value, sizeof value);
}

}  // namespace

Result<AcceptedSocket> acceptSocket(int listening, std::chrono::milliseconds userTimeout) {
    AcceptedSocket accepted;
    for (;;) {
        socklen_t size = static_cast<socklen_t>(accepted.peer.capacity());
        accepted.socket =
            FileDescriptor(::accept4(listening, accepted.peer.data(), &size, SOCK_CLOEXEC | SOCK_NONBLOCK));
        if (accepted.socket.isOpen()) break;
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
    setOption(accepted.socket, IPPROTO_TCP, TCP_NODELAY, 1);
    setOption(accepted.socket, IPPROTO_TCP, TCP_USER_TIMEOUT, static_cast<int>(userTimeout.count()));
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

rtmp::RefusalLedger::Network networkOf(const tcp::endpoint& endpoint) {
    namespace ip = boost::asio::ip;
    const auto address = endpoint.address();
    const auto v6 = address.is_v4() ? ip::make_address_v6(ip::v4_mapped, address.to_v4()) : address.to_v6();
    return rtmp::RefusalLedger::networkOf(v6.to_bytes());
}

}  // namespace live::ingest::io
