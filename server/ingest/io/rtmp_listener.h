// Takes RTMP connections and hands broadcasters to the publish point. Owner thread: the media thread, which runs
// `context`.
//
// Bounded: at most RtmpConfig::maxConnections. When they are all taken, the oldest one that does not publish makes
// room, so a crowd that connects and says nothing keeps no broadcaster out; publishers are never evicted.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <list>
#include <memory>

#include "common/base/file_descriptor.h"
#include "server/ingest/io/accepted_socket.h"
#include "server/ingest/io/rtmp_connection.h"

namespace live::ingest::io {

class RtmpListener {
public:
    // `clock` and `publishPoint` outlive the context's last handler.
    RtmpListener(boost::asio::io_context& context, const Clock& clock, media::PublishPoint& publishPoint,
                 log::Logger logger, RtmpConfig config = {});
    ~RtmpListener();
    RtmpListener(const RtmpListener&) = delete;
    RtmpListener& operator=(const RtmpListener&) = delete;

    // Starts to take connections from a socket of common/net/listening_socket.h. Once only; Io or InvalidArgument
    // otherwise.
    Result<void> listen(FileDescriptor listening);

    // Takes no more connections, tells all publishers to come back, and closes. onEnd(Closed) comes before this
    // returns.
    void stop();

    // Drops connections that are past their deadline. A timer calls this so often.
    void sweep();
    static constexpr Milliseconds kSweepInterval{250};

    const RtmpCounters& counters() const { return m_shared->counters; }

private:
    using Connections = std::list<std::shared_ptr<RtmpConnection>>;

    boost::asio::awaitable<void> acceptLoop();
    boost::asio::awaitable<void> sweepLoop();
    bool acceptWaiting();
    std::string rateLimitMessage(const rtmp::RefusalLedger::Network& network, BootTime now) const;
    bool isTurnedAway(const RtmpConnection::Endpoint& peer);
    void add(AcceptedSocket accepted);
    bool evict();

    boost::asio::io_context& m_context;
    std::shared_ptr<RtmpShared> m_shared;
    boost::asio::posix::stream_descriptor m_listening;
    boost::asio::steady_timer m_sweepTimer;
    boost::asio::steady_timer m_pauseTimer;
    Connections m_connections;  // in the order in which they came
    std::uint64_t m_nextSeed = 0;
    bool m_isStopped = false;
};

}  // namespace live::ingest::io
