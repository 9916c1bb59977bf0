// A raw HTTP/1.1 client on a blocking socket: sends exactly what it is given and reads with a deadline.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <map>
#include <optional>
#include <string>
#include <utility>

namespace live::test {

struct HttpAnswer {
    int status = 0;
    std::map<std::string, std::string> fields;  // names in lower case
    std::string body;
};

class HttpClient {
public:
    static constexpr std::chrono::milliseconds kPatience{10'000};

    // `endpoint` is "127.0.0.1:port". A receive buffer of this size makes a reader that is slow on purpose.
    explicit HttpClient(const std::string& endpoint, int receiveBuffer = 0) {
        m_socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (receiveBuffer > 0) ::setsockopt(m_socket, SOL_SOCKET, SO_RCVBUF, &receiveBuffer, sizeof receiveBuffer);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        address.sin_port =
            htons(static_cast<std::uint16_t>(std::atoi(endpoint.substr(endpoint.rfind(':') + 1).c_str())));
        m_isConnected = ::connect(m_socket, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
    }
    HttpClient(HttpClient&& other) noexcept
        : m_socket(std::exchange(other.m_socket, -1)),
          m_isConnected(other.m_isConnected),
          m_received(std::move(other.m_received)) {}
    ~HttpClient() { close(); }

    bool isConnected() const { return m_isConnected; }
    int socket() const { return m_socket; }
    void close() {
        if (m_socket >= 0) ::close(std::exchange(m_socket, -1));
    }

    bool send(const std::string& bytes) {
        std::size_t sent = 0;
        while (sent < bytes.size()) {
            const ssize_t count = ::send(m_socket, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
            if (count <= 0) return false;
            sent += static_cast<std::size_t>(count);
        }
        return true;
    }
    // Sends what the kernel takes at once and returns how much that was.
    std::size_t sendSome(const std::string& bytes) {
        const ssize_t count = ::send(m_socket, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        return count > 0 ? static_cast<std::size_t>(count) : 0;
    }
    bool get(const std::string& target, const std::string& fields = {}) {
        return send("GET " + target + " HTTP/1.1\r\nHost: test\r\n" + fields + "\r\n");
    }

    // Nothing if the connection ends, or stays silent for `patience`, before a whole answer is there.
    std::optional<HttpAnswer> answer(bool hasBody = true, std::chrono::milliseconds patience = kPatience) {
        std::size_t headEnd = std::string::npos;
        while ((headEnd = m_received.find("\r\n\r\n")) == std::string::npos)
            if (!receive(patience)) return std::nullopt;
        HttpAnswer answer = parseHead(m_received.substr(0, headEnd + 2));
        m_received.erase(0, headEnd + 4);
        const auto length = answer.fields.find("content-length");
        const std::size_t size =
            hasBody && length != answer.fields.end() ? std::strtoul(length->second.c_str(), nullptr, 10) : 0;
        while (m_received.size() < size)
            if (!receive(patience)) return std::nullopt;
        answer.body = m_received.substr(0, size);
        m_received.erase(0, size);
        return answer;
    }
    // Whether sendSome() would take something before `patience` is over.
    bool hasRoom(std::chrono::milliseconds patience) const { return isReady(POLLOUT, patience); }
    // True if the server closes without sending anything more.
    bool isClosed(std::chrono::milliseconds patience = kPatience) {
        return m_received.empty() && !receive(patience) && m_isEnded;
    }
    bool hasInput(std::chrono::milliseconds patience) const { return isReady(POLLIN, patience); }

private:
    bool isReady(short event, std::chrono::milliseconds patience) const {
        pollfd poll{m_socket, event, 0};
        return ::poll(&poll, 1, static_cast<int>(patience.count())) == 1;
    }
    bool receive(std::chrono::milliseconds patience) {
        if (!hasInput(patience)) return false;
        char buffer[16'384];
        const ssize_t count = ::recv(m_socket, buffer, sizeof buffer, 0);
        m_isEnded = count <= 0;
        if (count > 0) m_received.append(buffer, static_cast<std::size_t>(count));
        return count > 0;
    }
    static HttpAnswer parseHead(const std::string& head) {
        HttpAnswer answer;
        answer.status = std::atoi(head.substr(9, 3).c_str());
        for (std::size_t line = head.find("\r\n") + 2; line < head.size();) {
            const std::size_t end = head.find("\r\n", line), colon = head.find(": ", line);
            std::string name = head.substr(line, colon - line);
            for (char& c : name) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
            answer.fields[name] = head.substr(colon + 2, end - colon - 2);
            line = end + 2;
        }
        return answer;
    }

    int m_socket = -1;
    bool m_isConnected = false;
    bool m_isEnded = false;
    std::string m_received;
};

}  // namespace live::test
