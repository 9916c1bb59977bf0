// An HTTP client for tests that sends the bytes it is told to and shows what came back, byte for byte.
#pragma once

#include <QByteArray>
#include <QJsonObject>
#include <QTcpSocket>
#include <functional>
#include <map>
#include <optional>
#include <string>

namespace live::test {

struct RawResponse {
    int status = 0;
    std::map<QByteArray, QByteArray> headers;  // lower-case names
    QByteArray body;

    QJsonObject json() const;
};

// The thread of the test, whose event loop also runs the server.
class RawHttpClient {
public:
    // "127.0.0.1:8081"
    explicit RawHttpClient(const std::string& endpoint);

    void send(const QByteArray& bytes);
    // The next response; nothing if the connection ends first or nothing complete comes in 5 s. `forHead`: has no body.
    std::optional<RawResponse> receive(bool forHead = false);
    // Sends a request with Host, the token set below, and Content-Length and Content-Type if there is a body.
    std::optional<RawResponse> request(const QByteArray& method, const QByteArray& target, const QByteArray& body = {},
                                       const QByteArray& contentType = "application/json");
    // Waits until the server has closed; false after 5 s.
    bool isClosedByServer();

    // What was received and is not part of a response that receive() gave.
    const QByteArray& unread() const { return m_received; }

    QTcpSocket& socket() { return m_socket; }
    QByteArray token;
    QByteArray host = "127.0.0.1";

private:
    bool spinUntil(const std::function<bool()>& condition);

    QTcpSocket m_socket;
    QByteArray m_received;
};

}  // namespace live::test
