#include "server/ingest/io/rtmp_listener.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace live::ingest::io {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

constexpr auto kPauseWithoutDescriptors = std::chrono::milliseconds(100);
constexpr int kAcceptedATurn = 64;

}  // namespace

RtmpListener::RtmpListener(asio::io_context& context, const Clock& clock, media::PublishPoint& publishPoint,
                           log::Logger logger, RtmpConfig config)
    : m_context(context),
      m_shared(std::make_shared<RtmpShared>(config, clock, publishPoint, std::move(logger))),
      m_listening(context),
      m_sweepTimer(context),
      m_pauseTimer(context),
      m_nextSeed(static_cast<std::uint64_t>(clock.unix().time_since_epoch().count())) {}

RtmpListener::~RtmpListener() { stop(); }

Result<void> RtmpListener::listen(FileDescriptor listening) {
    if (m_listening.is_open()) return fail(ErrorCode::InvalidArgument, "this listener listens already");
    error_code error;
    static_cast<void>(m_listening.assign(listening.value(), error));
    if (error) return fail(ErrorCode::Io, "cannot watch the listening socket: " + error.message());
    listening.release();
    asio::co_spawn(m_context, acceptLoop(), asio::detached);
    asio::co_spawn(m_context, sweepLoop(), asio::detached);
    return {};
}

void RtmpListener::stop() {
    if (std::exchange(m_isStopped, true)) return;
    error_code ignored;
    static_cast<void>(m_listening.close(ignored));
    m_sweepTimer.cancel();
    m_pauseTimer.cancel();
    const Connections connections = std::exchange(m_connections, {});
    for (const auto& connection : connections) {
        connection->close({media::RefusalReason::ShuttingDown, "the server restarts; connect again in a moment"});
        connection->sendAndDrop();
    }
}

// The coroutines live in the context and may outlast the listener by one turn: after an error they touch nothing of it.
asio::awaitable<void> RtmpListener::acceptLoop() {
    for (;;) {
        const auto [error] =
            co_await m_listening.async_wait(m_listening.wait_read, asio::as_tuple(asio::use_awaitable));
        if (error) co_return;
        if (acceptWaiting()) continue;
        m_pauseTimer.expires_after(kPauseWithoutDescriptors);
        const auto [cancelled] = co_await m_pauseTimer.async_wait(asio::as_tuple(asio::use_awaitable));
        if (cancelled) co_return;
    }
}

asio::awaitable<void> RtmpListener::sweepLoop() {
    for (;;) {
        m_sweepTimer.expires_after(kSweepInterval);
        const auto [cancelled] = co_await m_sweepTimer.async_wait(asio::as_tuple(asio::use_awaitable));
        if (cancelled) co_return;
        sweep();
    }
}

void RtmpListener::sweep() {
    const BootTime now = m_shared->clock.boot();
    m_shared->refusalLog.reportDue(now);
    m_shared->errorLog.reportDue(now);
    // A connection that is dropped leaves the list.
    for (auto next = m_connections.begin(); next != m_connections.end();) {
        const auto connection = *next++;
        connection->checkDeadline(now);
    }
}

// False when it must pause: descriptors have run out.
bool RtmpListener::acceptWaiting() {
    for (int i = 0; i < kAcceptedATurn; ++i) {
        auto accepted = acceptSocket(m_listening.native_handle(), m_shared->config.silence);
        if (!accepted) {
            if (accepted.error().code == ErrorCode::Overloaded && evict()) return true;
            ++m_shared->counters.turnedAway;
            return false;
        }
        if (!accepted->socket.isOpen()) return true;
        add(std::move(*accepted));
    }
    return true;
}

// Why it is closed at once and until when: the one who has the right key by now can't see it elsewhere.
std::string RtmpListener::rateLimitMessage(const rtmp::RefusalLedger::Network& network, BootTime now) const {
    const auto seconds = std::chrono::ceil<Seconds>(m_shared->refusals.wait(network, now)).count();
    return "too many refused connections: this address is closed at once, with a right key too; the next one is let in "
           "in " +
           std::to_string(seconds) + " s, then " + std::to_string(m_shared->config.refusalsPerMinute) +
           " a minute (rtmp.refusals_per_minute)";
}

// No line for each: an address that tries keys must not fill the log.
bool RtmpListener::isTurnedAway(const RtmpConnection::Endpoint& peer) {
    using Verdict = rtmp::RefusalLedger::Verdict;
    const auto network = networkOf(peer);
    const BootTime now = m_shared->clock.boot();
    const Verdict verdict = m_shared->refusals.arrived(network, now);
    if (verdict == Verdict::Allowed) return false;
    ++m_shared->counters.rateLimited;
    if (verdict == Verdict::TurnedAwayFirst)
        m_shared->logger.warning("rtmp.rate_limited",
                                 {{"peer", toText(peer)}, {"message", rateLimitMessage(network, now)}});
    return true;
}

void RtmpListener::add(AcceptedSocket accepted) {
    ++m_shared->counters.accepted;
    if (isTurnedAway(accepted.peer)) return;
    tcp::socket socket(m_context);
    error_code error;
    static_cast<void>(socket.assign(accepted.peer.protocol(), accepted.socket.value(), error));
    if (error) {
        ++m_shared->counters.turnedAway;
        return;
    }
    accepted.socket.release();
    static_cast<void>(socket.non_blocking(true, error));
    if (m_connections.size() >= m_shared->config.maxConnections && !evict()) {
        ++m_shared->counters.turnedAway;
        return;
    }
    const auto place = m_connections.emplace(m_connections.end());
    ++m_shared->counters.connections;
    *place = std::make_shared<RtmpConnection>(std::move(socket), accepted.peer, m_shared, m_nextSeed++,
                                              [this, place, shared = m_shared] {
                                                  --shared->counters.connections;
                                                  if (!m_isStopped) m_connections.erase(place);
                                              });
    (*place)->start();
}

bool RtmpListener::evict() {
    for (const auto& connection : m_connections) {
        if (connection->isPublishing()) continue;
        ++m_shared->counters.evicted;
        connection->drop(media::EndReason::ConnectionLost);
        return true;
    }
    return false;
}

}  // namespace live::ingest::io
