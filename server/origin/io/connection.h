// One viewer connection: HTTP/1.1 with keep-alive, one request at a time.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <optional>
#include <string>

#include "server/origin/io/outgoing.h"
#include "server/origin/io/transport.h"
#include "server/origin/io/viewer_context.h"

namespace live::origin::io {

// Owner thread: its viewer thread. Lives as long as its coroutine.
//
// What waits in here is bounded: at most one head of a further request while one is held or answered; nothing is read
// while a response is being sent. A client that is too slow with its head, idle too long, or takes a response too
// slowly is dropped.
class Connection final : public std::enable_shared_from_this<Connection>, private Waiters::Waiter {
public:
    enum class Admission : std::uint8_t { Welcome, Full };  // Full: answer 503 and close

    static void start(ViewerContext& context, std::unique_ptr<Transport> transport, Admission admission);
    ~Connection() override;
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    // The context is draining: ends the connection if it waits for a request.
    void drain() { m_wake.cancel(); }

private:
    using Steady = std::chrono::steady_clock;
    template <class T>
    using Awaitable = boost::asio::awaitable<T>;

    // One request as far as it is known without looking at the store.
    struct Exchange {
        std::variant<ResponsePtr, MediaRequest> what;
        Outgoing::Body body = Outgoing::Body::Send;
        bool keepAlive = false;
    };

    Connection(ViewerContext& context, std::unique_ptr<Transport> transport);

    Awaitable<void> serve();
    Awaitable<void> refuse();
    Awaitable<std::optional<Exchange>> receive();  // nothing: end the connection without a word
    std::optional<Exchange> parse();
    Awaitable<ResponsePtr> answer(const MediaRequest& request);
    Awaitable<ResponsePtr> hold(const MediaRequest& request, Nanoseconds limit);  // null: the client has gone
    Awaitable<bool> send(ResponsePtr response, Outgoing::Body body, bool keepAlive);
    Awaitable<void> linger();

    enum class Input : std::uint8_t { Arrived, None, Closed };
    Input readSome();
    void watch(Transport::Direction direction);
    bool isReady(Transport::Direction direction) const { return m_isReady[static_cast<std::size_t>(direction)]; }
    // Suspends until something wakes the connection or `deadline` has come. Check what you wait for in a loop.
    Awaitable<void> sleepUntil(Steady::time_point deadline);
    void released(const ResponsePtr& response) override;

    ViewerContext& m_context;
    std::unique_ptr<Transport> m_transport;
    boost::asio::steady_timer m_wake;   // an event with a deadline: cancelled by everything that wakes the coroutine
    std::array<bool, 2> m_isWatched{};  // by Transport::Direction
    std::array<bool, 2> m_isReady{};
    RequestParser m_parser;
    std::string m_received;  // of requests not yet answered; at most kMaxHeadBytes and one read
    ResponsePtr m_released;
    bool m_isFirst = true;
};

}  // namespace live::origin::io
