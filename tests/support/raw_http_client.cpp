#include "tests/support/raw_http_client.h"

#include <QCoreApplication>
#include <QDeadlineTimer>
#include <QHostAddress>
#include <QJsonDocument>

namespace live::test {

QJsonObject RawResponse::json() const { return QJsonDocument::fromJson(body).object(); }

RawHttpClient::RawHttpClient(const std::string& endpoint) {
    const auto colon = endpoint.rfind(':');
    m_socket.connectToHost(QHostAddress(QString::fromStdString(endpoint.substr(0, colon))),
                           static_cast<quint16>(std::stoi(endpoint.substr(colon + 1))));
    m_socket.waitForConnected(5000);
}

void RawHttpClient::send(const QByteArray& bytes) { m_socket.write(bytes); }

bool RawHttpClient::spinUntil(const std::function<bool()>& condition) {
    QDeadlineTimer deadline(5000);
    while (!condition()) {
        if (deadline.hasExpired()) return false;
        QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents, 50);
    }
    return true;
}

std::optional<RawResponse> RawHttpClient::receive(bool forHead) {
    RawResponse response;
    qsizetype headEnd = -1, total = -1;
    const bool isWhole = spinUntil([&] {
        m_received += m_socket.readAll();
        while (m_received.startsWith("HTTP/1.1 100")) m_received.remove(0, m_received.indexOf("\r\n\r\n") + 4);
        headEnd = m_received.indexOf("\r\n\r\n");
        if (headEnd >= 0 && total < 0) {
            const QList<QByteArray> lines = m_received.left(headEnd).split('\n');
            response.status = lines[0].mid(9, 3).toInt();
            for (const QByteArray& line : lines.mid(1))
                response.headers[line.left(line.indexOf(':')).toLower()] = line.mid(line.indexOf(':') + 1).trimmed();
            const auto length = response.headers.find("content-length");
            total = headEnd + 4 + (forHead || length == response.headers.end() ? 0 : length->second.toLongLong());
        }
        const bool isComplete = total >= 0 && m_received.size() >= total;
        return isComplete || m_socket.state() == QAbstractSocket::UnconnectedState;
    });
    if (!isWhole || total < 0 || m_received.size() < total) return std::nullopt;
    response.body = m_received.mid(headEnd + 4, total - headEnd - 4);
    m_received.remove(0, total);
    return response;
}

std::optional<RawResponse> RawHttpClient::request(const QByteArray& method, const QByteArray& target,
                                                  const QByteArray& body, const QByteArray& contentType) {
    QByteArray bytes = method + " " + target + " HTTP/1.1\r\nHost: " + host + "\r\n";
    if (!token.isEmpty()) bytes += "Authorization: Bearer " + token + "\r\n";
    if (!body.isEmpty())
        bytes += "Content-Type: " + contentType + "\r\nContent-Length: " + QByteArray::number(body.size()) + "\r\n";
    send(bytes + "\r\n" + body);
    return receive(method == "HEAD");
}

bool RawHttpClient::isClosedByServer() {
    return spinUntil([&] {
        m_received += m_socket.readAll();
        return m_socket.state() == QAbstractSocket::UnconnectedState;
    });
}

}  // namespace live::test
