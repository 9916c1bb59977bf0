// The API's listener: accepts bounded connections and gives their requests to one handler.
#pragma once

#include <QFuture>
#include <QHostAddress>
#include <QTcpServer>
#include <deque>
#include <memory>
#include <string>

#include "common/base/clock.h"
#include "common/base/error.h"
#include "server/control/front/connection.h"
#include "server/control/front/message.h"

namespace live::control::front {

// Where to listen: a listening socket from the service manager if `inheritedFd` is not -1 (owned from then on),
// else the address ("127.0.0.1", "::1") and port, where 0 takes a free one.
struct ListenTarget {
    std::string address = "127.0.0.1";
    std::uint16_t port = 0;
    int inheritedFd = -1;
};

// Qt main thread. At Limits::connections the oldest idle connection gives way to a new one; when none is
// idle, the new one is closed. Every descriptor is close-on-exec.
class Front : public QTcpServer {
public:
    // Bound and listening, but nothing is accepted before open(): early clients wait in the kernel. `clock` outlives
    // the front. Errors say which address could not be taken and why.
    static Result<std::unique_ptr<Front>> create(const ListenTarget& target, Limits limits, Handler handler,
                                                 const Clock& clock);
    ~Front() override;

    void open();
    // "127.0.0.1:8081", "[::1]:8081".
    std::string endpoint() const;
    // Stops listening, closes idle connections, gives answers under way `grace` to get out. Finishes when no connection
    // is left, from the event loop: whoever waits for it may destroy the front. Once.
    QFuture<void> shutDown(std::chrono::milliseconds grace);
    std::size_t connectionCount() const { return m_connections.size(); }

protected:
    void incomingConnection(qintptr descriptor) override;

private:
    Front(Limits limits, Handler handler, const Clock& clock);
    Result<void> bind(const ListenTarget& target);
    bool makeRoom();
    void forget(Connection* connection);
    void dropAll();
    void finishSoon();

    const Limits m_limits;
    const Handler m_handler;
    const Clock& m_clock;
    std::deque<Connection*> m_connections;  // children of this, oldest first
    std::shared_ptr<QPromise<void>> m_shutDown;
};

}  // namespace live::control::front
