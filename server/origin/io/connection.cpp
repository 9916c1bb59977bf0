#include "server/origin/io/connection.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace live::origin::io {

namespace asio = boost::asio;

// GCC 12 miscompiles coroutines that await inside a condition with temporaries: here every await is a statement of its
// own and its arguments have names.
namespace {
using Direction = Transport::Direction;

// After an answer that ends the connection: how long, and how much, a client may go on sending before it is cut off.
constexpr Nanoseconds kLingerTime = Seconds(1);
constexpr std::size_t kLingerBytes = 1024 * 1024;
// So many answers to a client that sends requests without a pause; then the others of its thread have their turn.
constexpr int kExchangesInARow = 16;
// What an idle connection keeps of its buffer.
constexpr std::size_t kKeptCapacity = 2048;
}  // namespace

void Connection::start(ViewerContext& context, std::unique_ptr<Transport> transport, Admission admission) {
    const std::shared_ptr<Connection> connection(new Connection(context, std::move(transport)));
    asio::co_spawn(
        context.executor,
        [connection, admission]() -> asio::awaitable<void> {
            if (admission == Admission::Welcome)
                co_await connection->serve();
            else
                co_await connection->refuse();
            connection->m_transport->close();
        },
        asio::detached);
}

Connection::Connection(ViewerContext& context, std::unique_ptr<Transport> transport)
    : m_context(context), m_transport(std::move(transport)), m_wake(context.executor) {
    m_context.connections.insert(this);
}

Connection::~Connection() {
    m_context.waiters.leave(*this);
    m_context.connections.erase(this);
    --m_context.site.counters.openConnections;
}

asio::awaitable<void> Connection::serve() {
    const asio::any_io_executor executor = m_wake.get_executor();
    for (int exchanges = 1;; ++exchanges) {
        if (exchanges % kExchangesInARow == 0) co_await asio::post(executor, asio::use_awaitable);
        const auto exchange = co_await receive();
        if (!exchange) co_return;
        ResponsePtr response;
        if (const auto* known = std::get_if<ResponsePtr>(&exchange->what))
            response = *known;
        else
            response = co_await answer(std::get<MediaRequest>(exchange->what));
        if (!response) co_return;
        const bool keepAlive = exchange->keepAlive && !m_context.isDraining;
        const bool isSent = co_await send(response, exchange->body, keepAlive);
        if (!isSent) co_return;
        if (!keepAlive) break;
    }
    co_await linger();
}

asio::awaitable<void> Connection::refuse() {
    ++m_context.site.counters.connectionsRefused;
    const ResponsePtr response = makeError(503, "too many connections");
    const bool isSent = co_await send(response, Outgoing::Body::Send, false);
    if (isSent) co_await linger();
}

std::optional<Connection::Exchange> Connection::parse() {
    const auto outcome = m_parser.parse(m_received);
    if (const auto* refused = std::get_if<RequestParser::Refused>(&outcome)) {
        Exchange exchange;
        exchange.what = makeError(refused->status, refused->reason);
        return exchange;
    }
    const auto* complete = std::get_if<RequestParser::Complete>(&outcome);
    if (!complete) return std::nullopt;
    Exchange exchange;
    exchange.what = interpret(complete->head, m_context.site.pages);
    exchange.body = complete->head.method == Method::Head ? Outgoing::Body::Omit : Outgoing::Body::Send;
    exchange.keepAlive = complete->head.keepAlive;
    m_received.erase(0, complete->consumed);
    m_parser.reset();
    if (m_received.empty() && m_received.capacity() > kKeptCapacity) m_received.shrink_to_fit();
    return exchange;
}

asio::awaitable<std::optional<Connection::Exchange>> Connection::receive() {
    const Limits& limits = m_context.site.limits;
    bool isIdle = m_received.empty();
    auto deadline = Steady::now() + (isIdle && !m_isFirst ? limits.idleTimeout : limits.headTimeout);
    m_isFirst = false;
    for (;;) {
        if (!m_received.empty())
            if (auto exchange = parse()) co_return exchange;
        if (m_context.isDraining) co_return std::nullopt;
        const Input input = readSome();
        if (input == Input::Closed) co_return std::nullopt;
        if (input == Input::Arrived) {
            if (std::exchange(isIdle, false)) deadline = Steady::now() + limits.headTimeout;
            continue;
        }
        if (Steady::now() >= deadline) {
            ++m_context.site.counters.connectionsTimedOut;
            if (m_received.empty()) co_return std::nullopt;
            Exchange tooSlow;
            tooSlow.what = makeError(408, "request head too slow");
            co_return tooSlow;
        }
        watch(Direction::Readable);
        co_await sleepUntil(deadline);
    }
}

asio::awaitable<ResponsePtr> Connection::answer(const MediaRequest& request) {
    const Site& site = m_context.site;
    const auto entry = site.directory.find(request.path.stream);
    const Decision decision = decide(request, entry.get(), site.clock.boot(), Phase::New);
    if (const auto* response = std::get_if<ResponsePtr>(&decision)) co_return *response;
    if (m_context.isDraining) co_return makeError(503, "shutting down");
    // A change of the entry since find() has been posted to this thread and comes after the hold is registered.
    const ResponsePtr released = co_await hold(request, std::get<Hold>(decision).limit);
    co_return released;
}

asio::awaitable<ResponsePtr> Connection::hold(const MediaRequest& request, Nanoseconds limit) {
    Counters& counters = m_context.site.counters;
    const auto start = Steady::now();
    const auto deadline = start + limit;
    m_released = nullptr;
    m_context.waiters.add(request, *this);
    ++counters.heldRequests;
    bool isGone = false;
    while (!m_released && Steady::now() < deadline) {
        // Reading is how a disconnect is noticed; what a client pipelines meanwhile is kept up to one head.
        if (m_received.size() < kMaxHeadBytes) {
            const Input input = readSome();
            isGone = input == Input::Closed;
            if (isGone) break;
            if (input == Input::Arrived) continue;
            watch(Direction::Readable);
        }
        co_await sleepUntil(deadline);
    }
    m_context.waiters.leave(*this);
    --counters.heldRequests;
    counters.holds.record(Steady::now() - start);
    if (isGone) ++counters.heldDisconnected;
    if (isGone) co_return nullptr;
    if (m_released) co_return std::exchange(m_released, nullptr);
    ++counters.heldTimedOut;
    co_return makeError(503, "held too long");
}

void Connection::released(const ResponsePtr& response) {
    m_released = response;
    m_wake.cancel();
}

asio::awaitable<bool> Connection::send(ResponsePtr response, Outgoing::Body body, bool keepAlive) {
    const Site& site = m_context.site;
    ++site.counters.responses[static_cast<std::size_t>(response->status / 100)];
    std::string tail = m_context.date.field(site.clock.unix());
    tail.append(keepAlive ? "\r\n" : "Connection: close\r\n\r\n");
    Outgoing outgoing(std::move(response), std::move(tail), body);
    const auto start = Steady::now();
    const auto transferTime =
        Nanoseconds(Seconds(outgoing.remaining())) / static_cast<std::int64_t>(site.limits.minBytesPerSecond);
    const auto lastDeadline = start + site.limits.writeStall + transferTime;
    auto progress = start;
    for (;;) {
        const Transport::Transfer transfer = m_transport->write(outgoing.pieces());
        if (transfer.state == Transport::State::Closed) co_return false;
        outgoing.advance(transfer.bytes);
        site.counters.bytesSent += transfer.bytes;
        if (outgoing.isDone()) co_return true;
        const auto now = Steady::now();
        if (transfer.bytes > 0) progress = now;
        const auto deadline = std::min(lastDeadline, progress + site.limits.writeStall);
        if (now >= deadline) {
            ++site.counters.slowReadersShed;
            co_return false;
        }
        if (transfer.state != Transport::State::Blocked) continue;
        watch(Direction::Writable);
        while (!isReady(Direction::Writable) && Steady::now() < deadline) co_await sleepUntil(deadline);
    }
}

// Closing with unread bytes would reset the connection and could destroy the answer before the client has read it.
asio::awaitable<void> Connection::linger() {
    m_transport->finish();
    m_received = {};
    const auto deadline = Steady::now() + kLingerTime;
    std::size_t discarded = 0;
    while (Steady::now() < deadline && discarded < kLingerBytes && !m_context.isDraining) {
        const Input input = readSome();
        if (input == Input::Closed) co_return;
        if (input == Input::Arrived) {
            discarded += m_received.size();
            m_received.clear();
            continue;
        }
        watch(Direction::Readable);
        co_await sleepUntil(deadline);
    }
}

Connection::Input Connection::readSome() {
    bool& isReadable = m_isReady[static_cast<std::size_t>(Direction::Readable)];
    if (!isReadable) return Input::None;
    const Transport::Transfer transfer = m_transport->read(m_context.scratch);
    if (transfer.state == Transport::State::Closed) return Input::Closed;
    // Less than there was room for: the next call would find nothing, watch() tells when there is more.
    isReadable = transfer.bytes == m_context.scratch.size();
    if (transfer.bytes == 0) return Input::None;
    m_received.append(asText(ByteView(m_context.scratch).first(transfer.bytes)));
    return Input::Arrived;
}

void Connection::watch(Direction direction) {
    const auto index = static_cast<std::size_t>(direction);
    m_isReady[index] = false;
    if (std::exchange(m_isWatched[index], true)) return;
    m_transport->wait(direction, [self = shared_from_this(), index] {
        self->m_isWatched[index] = false;
        self->m_isReady[index] = true;
        self->m_wake.cancel();
    });
}

asio::awaitable<void> Connection::sleepUntil(Steady::time_point deadline) {
    m_wake.expires_at(deadline);
    co_await m_wake.async_wait(asio::as_tuple(asio::use_awaitable));
}

}  // namespace live::origin::io
