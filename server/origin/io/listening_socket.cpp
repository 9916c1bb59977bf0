#include "server/origin/io/listening_socket.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <boost/asio/ip/tcp.hpp>
#include <cerrno>

#include "server/origin/text.h"

namespace live::origin::io {

namespace {
namespace ip = boost::asio::ip;

Result<ip::tcp::endpoint> parseEndpoint(std::string_view text) {
    const auto refuse = [&] {
        return fail(ErrorCode::InvalidArgument, "expected \"address:port\" with a literal address", std::string(text));
    };
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos) return refuse();
    std::string_view host = text.substr(0, colon);
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    const auto port = parseDecimal(text.substr(colon + 1), 5);
    boost::system::error_code error;
    const auto address = ip::make_address(host, error);
    if (error || !port || *port > 65535) return refuse();
    return ip::tcp::endpoint(address, static_cast<std::uint16_t>(*port));
}

std::unexpected<Error> failSocket(std::string_view operation, std::string_view endpoint) {
    const int reason = errno;
    std::string context(endpoint);
    switch (reason) {
        case EADDRINUSE: return fail(ErrorCode::Io, "another program listens there", std::move(context));
        case EADDRNOTAVAIL: return fail(ErrorCode::Io, "this machine does not have the address", std::move(context));
        case EACCES: return fail(ErrorCode::Io, "only root may listen on a port this low", std::move(context));
        default: return failErrno(operation, reason, std::move(context));
    }
}
}  // namespace

Result<FileDescriptor> listenOn(std::string_view endpoint) {
    const ip::tcp::endpoint address = LIVE_TRY(parseEndpoint(endpoint));
    FileDescriptor socket(::socket(address.data()->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (socket.value() < 0) return failSocket("socket", endpoint);
    const int on = 1, off = 0;
    ::setsockopt(socket.value(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (address.address().is_v6()) ::setsockopt(socket.value(), IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
    if (::bind(socket.value(), address.data(), static_cast<socklen_t>(address.size())) != 0)
        return failSocket("bind", endpoint);
    if (::listen(socket.value(), SOMAXCONN) != 0) return failSocket("listen", endpoint);
    return socket;
}

Result<FileDescriptor> adoptListening(int descriptor) {
    int isListening = 0;
    socklen_t size = sizeof isListening;
    if (::getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &isListening, &size) != 0 || isListening == 0)
        return fail(ErrorCode::InvalidArgument,
                    "descriptor " + std::to_string(descriptor) + " is not a listening socket");
    if (::fcntl(descriptor, F_SETFD, FD_CLOEXEC) != 0 ||
        ::fcntl(descriptor, F_SETFL, ::fcntl(descriptor, F_GETFL) | O_NONBLOCK) != 0)
        return failErrno("fcntl", errno);
    return FileDescriptor(descriptor);
}

Result<std::string> boundEndpoint(const FileDescriptor& socket) {
    ip::tcp::endpoint bound;
    auto size = static_cast<socklen_t>(bound.capacity());
    if (::getsockname(socket.value(), bound.data(), &size) != 0) return failErrno("getsockname", errno);
    bound.resize(size);
    const std::string host = bound.address().to_string();
    return (bound.address().is_v6() ? '[' + host + ']' : host) + ':' + std::to_string(bound.port());
}

}  // namespace live::origin::io
