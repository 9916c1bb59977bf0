// Takes RTMP connections and hands broadcasters to the publish point. Owner thread: the media thread, which runs
// `context`.
//
// Bounded: at most RtmpConfig::maxConnections. When they are all taken, the oldest one that does not publish makes
// room, so a crowd that connects and says nothing keeps no broadcaster out; publishers are never evicted.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <list>
#include <memory>

#include "server/ingest/io/rtmp_connection.h"

namespace live::ingest::io {

class RtmpListener {
public:
    using Endpoint = boost::asio::ip::tcp::endpoint;

    // `clock` and `publishPoint` outlive the context's last handler.
    RtmpListener(boost::asio::io_context& context, const Clock& clock, media::PublishPoint& publishPoint,
                 log::Logger logger, RtmpConfig config = {});
    ~RtmpListener();
    RtmpListener(const RtmpListener&) = delete;
    RtmpListener& operator=(const RtmpListener&) = delete;

    // Starts to take connections on an address (port 0: a free one), or on a socket that listens already, which is
    // owned from then on. Returns the address that is bound. Once only; Io or InvalidArgument otherwise.
    Result<Endpoint> listen(const Endpoint& address);
    Result<Endpoint> adopt(int descriptor);

    // Takes no more connections, tells all publishers to come back, and closes. onEnd(Closed) comes before this
    // returns.
    void stop();

    // Drops connections that are past their deadline. A timer calls this four times a second.
    void sweep();

    const RtmpCounters& counters() const { return m_shared->counters; }

private:
    using Connections = std::list<std::shared_ptr<RtmpConnection>>;

    boost::asio::awaitable<void> acceptLoop();
    boost::asio::awaitable<void> sweepLoop();
    bool acceptWaiting();
    void add(int descriptor, const Endpoint& peer);
    bool evict();

    boost::asio::io_context& m_context;
    std::shared_ptr<RtmpShared> m_shared;
    boost::asio::ip::tcp::acceptor m_acceptor;
    boost::asio::steady_timer m_sweepTimer;
    boost::asio::steady_timer m_pauseTimer;
    Connections m_connections;  // in the order in which they came
    std::uint64_t m_nextSeed = 0;
    bool m_isStopped = false;
};

}  // namespace live::ingest::io
