// Accepts connections from a listening socket.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>

#include "common/base/file_descriptor.h"

namespace live::origin::io {

// Owner thread: the one that runs `executor`. When the process is out of descriptors it stops for a moment and leaves
// new connections in the kernel's queue.
class Acceptor : public std::enable_shared_from_this<Acceptor> {
public:
    using Accepted = std::function<void(FileDescriptor)>;  // close-on-exec, non-blocking

    Acceptor(boost::asio::io_context& executor, FileDescriptor listening, Accepted accepted);

    void start();
    // Closes the listening socket of this process; one that a supervisor holds too goes on queueing.
    void stop();

private:
    void waitForMore();
    void acceptAll();

    boost::asio::posix::stream_descriptor m_listening;
    boost::asio::steady_timer m_pause;
    Accepted m_accepted;
};

}  // namespace live::origin::io
