// One thread that serves viewers: an io_context with its connections and its held requests.
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <future>
#include <thread>

#include "common/base/file_descriptor.h"
#include "server/origin/io/connection.h"
#include "server/origin/io/viewer_context.h"

namespace live::origin::io {

// adopt(), wake(), drain() and halt() may be called on any thread.
class ViewerThread {
public:
    explicit ViewerThread(const Site& site);
    ~ViewerThread();  // halts

    void adopt(FileDescriptor socket, Connection::Admission admission);
    // The entry of `stream` has changed.
    void wake(const StreamId& stream);
    // Answers what is held with 503, ends idle connections, lets the others finish what they send.
    void drain();
    // True once nothing is left to do after drain(), at the latest at `deadline`.
    bool waitUntilDrained(std::chrono::steady_clock::time_point deadline);
    void halt();

    boost::asio::io_context& executor() { return m_context.executor; }

private:
    ViewerContext m_context;
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> m_work;
    std::promise<void> m_ended;
    std::future<void> m_end;
    std::thread m_thread;  // last: everything is there when it starts
};

}  // namespace live::origin::io
