#include "server/control/front/front.h"

#include <unistd.h>

#include <QCoreApplication>
#include <QHostAddress>
#include <QPromise>
#include <QTimer>
#include <algorithm>
#include <utility>

namespace live::control::front {

namespace {
constexpr std::chrono::milliseconds kAcceptAgain{200};
}  // namespace

Front::Front(Limits limits, Service service, const Clock& clock)
    : m_limits(limits), m_service(std::move(service)), m_clock(clock) {
    // Out of descriptors: Qt stops accepting and leaves it to us to go on.
    connect(this, &QTcpServer::acceptError, this,
            [this] { QTimer::singleShot(kAcceptAgain, this, [this] { resumeAccepting(); }); });
}

// Here, while forget() still has something to look in.
Front::~Front() { dropAll(); }

void Front::dropAll() {
    while (!m_connections.empty()) delete m_connections.front();
}

Result<std::unique_ptr<Front>> Front::create(FileDescriptor listening, Limits limits, Service service,
                                             const Clock& clock) {
    std::unique_ptr<Front> front(new Front(limits, std::move(service), clock));
    if (!front->setSocketDescriptor(listening.value()))
        return fail(ErrorCode::InvalidArgument, "not a listening socket: " + front->errorString().toStdString());
    listening.release();
    front->pauseAccepting();
    return front;
}

void Front::open() { resumeAccepting(); }

std::string Front::endpoint() const {
    const std::string address = serverAddress().toString().toStdString();
    const std::string port = std::to_string(serverPort());
    return serverAddress().protocol() == QAbstractSocket::IPv6Protocol ? "[" + address + "]:" + port
                                                                       : address + ":" + port;
}

void Front::incomingConnection(qintptr descriptor) {
    auto socket = std::make_unique<QTcpSocket>();
    if (!makeRoom() || !socket->setSocketDescriptor(descriptor)) {
        ::close(static_cast<int>(descriptor));
        return;
    }
    auto* connection = new Connection(std::move(socket), m_limits, m_service, m_clock, this);
    m_connections.push_back(connection);
    connect(connection, &QObject::destroyed, this, [this, connection] { forget(connection); });
    connect(connection, &Connection::finished, connection, &QObject::deleteLater);
}

bool Front::makeRoom() {
    if (m_connections.size() < m_limits.connections) return true;
    // The oldest of those with the least at stake: half-sent heads and answers that nobody reads lock no operator out.
    const auto least = std::ranges::min_element(m_connections, {}, &Connection::stake);
    if ((*least)->stake() == Connection::Stake::Request) return false;
    delete *least;
    return true;
}

std::multiset<Connection::Stake> Front::stakes() const {
    std::multiset<Connection::Stake> all;
    for (const Connection* connection : m_connections) all.insert(connection->stake());
    return all;
}

void Front::forget(Connection* connection) {
    std::erase(m_connections, connection);
    if (m_shutDown && m_connections.empty()) finishSoon();
}

// Not from here: who waits may destroy the front, while Qt is still busy with the connection that has just ended.
void Front::finishSoon() {
    QMetaObject::invokeMethod(
        QCoreApplication::instance(), [done = std::exchange(m_shutDown, nullptr)] { done->finish(); },
        Qt::QueuedConnection);
}

QFuture<void> Front::shutDown(std::chrono::milliseconds grace) {
    close();
    m_shutDown = std::make_shared<QPromise<void>>();
    m_shutDown->start();
    const QFuture<void> done = m_shutDown->future();
    for (Connection* connection : std::deque(m_connections)) connection->closeSoon();
    if (m_shutDown && m_connections.empty()) finishSoon();
    QTimer::singleShot(grace, this, &Front::dropAll);
    return done;
}

}  // namespace live::control::front
