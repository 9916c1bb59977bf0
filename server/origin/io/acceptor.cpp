#include "server/origin/io/acceptor.h"

#include <sys/socket.h>

#include <cerrno>

#include "common/base/error.h"

namespace live::origin::io {

namespace {
constexpr int kBatch = 64;  // then others get their turn
constexpr auto kPause = std::chrono::milliseconds(100);
}  // namespace

Acceptor::Acceptor(boost::asio::io_context& executor, FileDescriptor listening, Accepted accepted)
    : m_listening(executor), m_pause(executor), m_accepted(std::move(accepted)) {
    boost::system::error_code error;
    m_listening.assign(listening.value(), error);
    LIVE_ASSERT(!error);  // a socket that listens can be polled
    listening.release();
}

void Acceptor::start() { waitForMore(); }

void Acceptor::stop() {
    boost::system::error_code ignored;
    m_listening.close(ignored);
    m_pause.cancel();
}

void Acceptor::waitForMore() {
    m_listening.async_wait(m_listening.wait_read, [self = shared_from_this()](const boost::system::error_code& error) {
        if (!error && self->m_listening.is_open()) self->acceptAll();
    });
}

void Acceptor::acceptAll() {
    for (int i = 0; i < kBatch; ++i) {
        FileDescriptor socket(::accept4(m_listening.native_handle(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
        if (socket.isOpen()) {
            m_accepted(std::move(socket));
            continue;
        }
        if (errno == EAGAIN || errno == EWOULDBLOCK) break;
        if (errno != EMFILE && errno != ENFILE && errno != ENOBUFS && errno != ENOMEM) continue;  // that peer has gone
        m_pause.expires_after(kPause);
        m_pause.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
            if (!error && self->m_listening.is_open()) self->waitForMore();
        });
        return;
    }
    waitForMore();
}

}  // namespace live::origin::io
