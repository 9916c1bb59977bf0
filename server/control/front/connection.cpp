#include "server/control/front/connection.h"

#include <sys/socket.h>

#include <array>
#include <ctime>

#include "common/api/problem.h"

namespace live::control::front {

namespace {

using Stage = RequestParser::Stage;

constexpr qint64 kReadAtOnce = 16 * 1024;
constexpr qint64 kSocketBuffer = 64 * 1024;

// RFC 9110 §5.6.7, "Sun, 06 Nov 1994 08:49:37 GMT". Not strftime: its names follow the locale.
std::string httpDate(UnixTime now) {
    static constexpr std::array kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static constexpr std::array kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const std::time_t seconds = std::chrono::floor<Seconds>(now.time_since_epoch()).count();
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    return QString::asprintf("%s, %02d %s %04d %02d:%02d:%02d GMT", kDays[parts.tm_wday], parts.tm_mday,
                             kMonths[parts.tm_mon], parts.tm_year + 1900, parts.tm_hour, parts.tm_min, parts.tm_sec)
        .toStdString();
}

std::string headOf(const Response& response, UnixTime now, const char* connection) {
    std::string head = "HTTP/1.1 " + std::to_string(response.status) + " ";
    head += api::reasonPhrase(response.status);
    head += "\r\nDate: " + httpDate(now);
    if (response.status != 204) head += "\r\nContent-Length: " + std::to_string(response.body.size());
    if (!response.contentType.empty()) head += "\r\nContent-Type: " + response.contentType;
    for (const Header& header : response.headers) head += "\r\n" + header.name + ": " + header.value;
    head += "\r\nConnection: " + std::string(connection) + "\r\n\r\n";
    return head;
}

}  // namespace

Connection::Connection(std::unique_ptr<QTcpSocket> socket, const Limits& limits, const Service& service,
                       const Clock& clock, QObject* parent)
    : QObject(parent),
      m_limits(limits),
      m_service(service),
      m_clock(clock),
      m_socket(std::move(socket)),
      m_parser(limits.parser, [this](const Request& head) { return admit(head); }) {
    m_socket->setReadBufferSize(kSocketBuffer);
    m_socket->setSocketOption(QAbstractSocket::LowDelayOption, 1);
    m_deadline.setSingleShot(true);
    connect(m_socket.get(), &QTcpSocket::readyRead, this, &Connection::onReadyRead);
    connect(m_socket.get(), &QTcpSocket::bytesWritten, this, &Connection::onBytesWritten);
    connect(m_socket.get(), &QTcpSocket::disconnected, this, &Connection::close);
    connect(&m_deadline, &QTimer::timeout, this, &Connection::onTimeout);
    enter(Phase::Reading, m_limits.head);
}

Connection::~Connection() {
    m_socket->disconnect(this);
    m_socket->abort();
}

Connection::Stake Connection::stake() const {
    switch (m_phase) {
        case Phase::Reading:
            if (m_parser.stage() == Stage::Empty) return Stake::Nothing;
            return m_parser.stage() == Stage::Head ? Stake::Head : Stake::Request;
        case Phase::Handling: return Stake::Request;
        case Phase::Writing: return Stake::Answer;
        case Phase::Draining:
        case Phase::Closed: return Stake::Head;
    }
    return Stake::Request;
}

void Connection::enter(Phase phase, std::chrono::milliseconds deadline) {
    m_phase = phase;
    m_deadline.start(deadline);
}

void Connection::onReadyRead() {
    if (m_phase == Phase::Draining) m_socket->skip(m_socket->bytesAvailable());
    if (m_phase == Phase::Reading) readOn();
}

// Goes on from what is parsed already: a pipelined request may be complete without another byte.
void Connection::readOn() {
    while (m_phase == Phase::Reading) {
        if (m_parser.stage() == Stage::Failed) return refuse(m_parser.failure());
        if (m_parser.stage() == Stage::Complete) return dispatch();
        if (m_parser.takeExpectation()) m_socket->write("HTTP/1.1 100 Continue\r\n\r\n");
        const QByteArray bytes = m_socket->read(kReadAtOnce);
        if (bytes.isEmpty()) break;
        m_parser.feed({bytes.constData(), static_cast<std::size_t>(bytes.size())});
    }
    if (m_parser.stage() == m_timedStage) return;
    m_timedStage = m_parser.stage();
    m_deadline.start(m_timedStage == Stage::Body ? m_limits.body : m_limits.head);
}

void Connection::dispatch() {
    if (!m_parser.keepAlive()) m_closeAfter = true;
    Request request = m_parser.take();
    request.isFromLoopback = m_socket->peerAddress().isLoopback();
    m_isHead = request.method == "HEAD";
    enter(Phase::Handling, m_limits.handler);
    m_service.answer(std::move(request)).then([self = QPointer(this), ticket = ++m_ticket](const Response& response) {
        if (self && self->m_ticket == ticket && self->m_phase == Phase::Handling) self->answer(response);
    });
}

std::optional<Response> Connection::admit(Request head) const {
    head.isFromLoopback = m_socket->peerAddress().isLoopback();
    return m_service.admit(head);
}

// Answers a request that is not whole, and the last one of this connection.
void Connection::refuse(const Response& response) {
    m_closeAfter = true;
    m_isHead = m_parser.isHead();
    answer(response);
}

void Connection::answer(const Response& response) {
    std::string bytes = headOf(response, m_clock.unix(), m_closeAfter ? "close" : "keep-alive");
    if (!m_isHead && response.status != 204) bytes += response.body;
    enter(Phase::Writing, m_limits.write);
    m_socket->write(bytes.data(), static_cast<qint64>(bytes.size()));
}

void Connection::onBytesWritten() {
    if (m_phase != Phase::Writing || m_socket->bytesToWrite() > 0) return;
    if (m_closeAfter) return beginDrain();
    m_timedStage = Stage::Empty;
    enter(Phase::Reading, m_limits.idle);
    // Bytes Qt has buffered raise no readyRead any more.
    readOn();
}

void Connection::onTimeout() {
    switch (m_phase) {
        case Phase::Reading:
            if (isIdle()) return beginDrain();
            return refuse(problemResponse(408, "request_timeout", "The request did not arrive in time"));
        case Phase::Handling: {
            // The change may have been made all the same: the client is told to look before it repeats.
            Response late =
                problemResponse(503, "handler_timeout",
                                "No answer in time; what was asked for may still happen: look before you repeat it");
            late.headers.push_back({"Retry-After", "5"});
            return answer(late);
        }
        case Phase::Writing:
        case Phase::Draining: return close();
        case Phase::Closed: return;
    }
}

void Connection::closeSoon() {
    m_closeAfter = true;
    if (m_phase == Phase::Reading) beginDrain();
}

void Connection::beginDrain() {
    enter(Phase::Draining, m_limits.drain);
    ::shutdown(static_cast<int>(m_socket->socketDescriptor()), SHUT_WR);
    m_socket->skip(m_socket->bytesAvailable());
}

void Connection::close() {
    if (m_phase == Phase::Closed) return;
    m_phase = Phase::Closed;
    m_deadline.stop();
    m_socket->disconnect(this);
    m_socket->abort();
    emit finished();
}

}  // namespace live::control::front
