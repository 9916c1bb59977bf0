#include "server/origin/io/viewer_thread.h"

#include <boost/asio/post.hpp>

#include "server/origin/io/tcp_transport.h"

namespace live::origin::io {

namespace asio = boost::asio;

ViewerThread::ViewerThread(const Site& site)
    : m_context(site), m_work(m_context.executor.get_executor()), m_end(m_ended.get_future()), m_thread([this] {
          m_context.executor.run();
          m_ended.set_value();
      }) {}

ViewerThread::~ViewerThread() { halt(); }

void ViewerThread::adopt(FileDescriptor socket, Connection::Admission admission) {
    asio::post(m_context.executor, [this, socket = std::move(socket), admission]() mutable {
        Connection::start(m_context, std::make_unique<TcpTransport>(m_context.executor, std::move(socket)), admission);
    });
}

void ViewerThread::wake(const StreamId& stream) {
    asio::post(m_context.executor, [this, stream] {
        const auto entry = m_context.site.directory.find(stream);
        m_context.waiters.wake(stream, entry.get(), m_context.site.clock.boot());
    });
}

void ViewerThread::drain() {
    asio::post(m_context.executor, [this] {
        m_context.isDraining = true;
        m_context.waiters.releaseAll(makeError(503, "shutting down"));
        for (Connection* connection : m_context.connections) connection->drain();
        m_work.reset();
    });
}

bool ViewerThread::waitUntilDrained(std::chrono::steady_clock::time_point deadline) {
    return m_end.wait_until(deadline) == std::future_status::ready;
}

void ViewerThread::halt() {
    m_context.executor.stop();
    if (m_thread.joinable()) m_thread.join();
}

}  // namespace live::origin::io
