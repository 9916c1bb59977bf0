#include "server/origin/io/tcp_transport.h"

#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>

namespace live::origin::io {

namespace {
// Not more than this waits unsent in the kernel, so that what is written next is still fresh.
constexpr int kNotSentBytes = 64 * 1024;

Transport::Transfer outcome(ssize_t moved) {
    if (moved >= 0) return {Transport::State::Open, static_cast<std::size_t>(moved)};
    const bool isBlocked = errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
    return {isBlocked ? Transport::State::Blocked : Transport::State::Closed, 0};
}

boost::asio::ip::tcp familyOf(int descriptor) {
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &size);
    return address.ss_family == AF_INET6 ? boost::asio::ip::tcp::v6() : boost::asio::ip::tcp::v4();
}
}  // namespace

TcpTransport::TcpTransport(boost::asio::io_context& context, FileDescriptor socket) : m_socket(context) {
    const int on = 1;
    ::setsockopt(socket.value(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    ::setsockopt(socket.value(), IPPROTO_TCP, TCP_NOTSENT_LOWAT, &kNotSentBytes, sizeof kNotSentBytes);
    boost::system::error_code error;
    m_socket.assign(familyOf(socket.value()), socket.value(), error);
    // A socket that cannot be watched stays closed: the first read says so.
    if (!error) socket.release();
}

Transport::Transfer TcpTransport::read(std::span<std::uint8_t> into) {
    const ssize_t moved = ::recv(m_socket.native_handle(), into.data(), into.size(), MSG_DONTWAIT);
    if (moved == 0) return {State::Closed, 0};
    return outcome(moved);
}

Transport::Transfer TcpTransport::write(std::span<const iovec> from) {
    msghdr message{};
    message.msg_iov = const_cast<iovec*>(from.data());  // sendmsg(2) reads only
    message.msg_iovlen = from.size();
    return outcome(::sendmsg(m_socket.native_handle(), &message, MSG_NOSIGNAL | MSG_DONTWAIT));
}

void TcpTransport::wait(Direction direction, std::move_only_function<void()> ready) {
    m_socket.async_wait(direction == Direction::Readable ? m_socket.wait_read : m_socket.wait_write,
                        [ready = std::move(ready)](const boost::system::error_code&) mutable { ready(); });
}

void TcpTransport::finish() {
    boost::system::error_code ignored;
    m_socket.shutdown(m_socket.shutdown_send, ignored);
}

void TcpTransport::close() {
    boost::system::error_code ignored;
    m_socket.close(ignored);
}

}  // namespace live::origin::io
