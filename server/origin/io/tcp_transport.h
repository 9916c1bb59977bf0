// A TCP connection without TLS.
#pragma once

#include <boost/asio/ip/tcp.hpp>

#include "common/base/file_descriptor.h"
#include "server/origin/io/transport.h"

namespace live::origin::io {

class TcpTransport final : public Transport {
public:
    // Takes an accepted, non-blocking socket.
    TcpTransport(boost::asio::io_context& context, FileDescriptor socket);

    Transfer read(std::span<std::uint8_t> into) override;
    Transfer write(std::span<const iovec> from) override;
    void wait(Direction direction, std::move_only_function<void()> ready) override;
    void finish() override;
    void close() override;

private:
    boost::asio::ip::tcp::socket m_socket;
};

}  // namespace live::origin::io
