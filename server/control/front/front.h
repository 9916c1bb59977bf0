// The API's listener: accepts bounded connections and gives their requests to one service.
#pragma once

#include <QFuture>
#include <QTcpServer>
#include <deque>
#include <memory>
#include <set>
#include <string>

#include "common/base/clock.h"
#include "common/base/error.h"
#include "common/base/file_descriptor.h"
#include "server/control/front/connection.h"
#include "server/control/front/message.h"

namespace live::control::front {

// Qt main thread. At Limits::connections the connection with the least at stake (Connection::Stake) gives way to a new
// one, the oldest of several; when all have a request whose head was admitted, the new one is closed. Every descriptor
// is close-on-exec.
class Front : public QTcpServer {
public:
    // `listening` is a socket of common/net/listening_socket.h. Nothing is accepted before open(): early clients wait
    // in the kernel. `clock` outlives the front. InvalidArgument for what is no listening socket.
    static Result<std::unique_ptr<Front>> create(FileDescriptor listening, Limits limits, Service service,
                                                 const Clock& clock);
    ~Front() override;

    void open();
    // "127.0.0.1:8081", "[::1]:8081".
    std::string endpoint() const;
    // Stops listening, closes idle connections, gives answers under way `grace` to get out. Finishes when no connection
    // is left, from the event loop: whoever waits for it may destroy the front. Once.
    QFuture<void> shutDown(std::chrono::milliseconds grace);
    std::size_t connectionCount() const { return m_connections.size(); }
    std::multiset<Connection::Stake> stakes() const;

protected:
    void incomingConnection(qintptr descriptor) override;

private:
    Front(Limits limits, Service service, const Clock& clock);
    bool makeRoom();
    void forget(Connection* connection);
    void dropAll();
    void finishSoon();

    const Limits m_limits;
    const Service m_service;
    const Clock& m_clock;
    std::deque<Connection*> m_connections;  // children of this, oldest first
    std::shared_ptr<QPromise<void>> m_shutDown;
};

}  // namespace live::control::front
