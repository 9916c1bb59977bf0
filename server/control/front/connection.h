// One client of the API: reads a request, has it handled, writes the answer, reads the next.
#pragma once

#include <QPointer>
#include <QTcpSocket>
#include <QTimer>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "common/base/clock.h"
#include "server/control/front/message.h"
#include "server/control/front/request_parser.h"

namespace live::control::front {

struct Limits {
    ParserLimits parser;
    std::size_t connections = 512;
    std::chrono::milliseconds idle{75'000};     // between requests
    std::chrono::milliseconds head{10'000};     // from accept or the first byte to the end of the headers
    std::chrono::milliseconds body{30'000};     // from there to the end of the body
    std::chrono::milliseconds handler{15'000};  // from there to the answer
    std::chrono::milliseconds write{30'000};    // until the client has taken the answer
    std::chrono::milliseconds drain{2'000};     // what is still read and thrown away before a close
};

// Qt main thread. Nothing is read from the socket while a request is handled or an answer is written, so a client that
// pipelines without reading is held back by TCP; Qt holds at most 64 KiB of it. Answers are in the order of requests.
// A close always says so, stops writing, drains, then closes: a plain close would destroy an answer the client has not
// read yet (RFC 9112 §9.6). Deletes nothing itself: `finished` is emitted once.
class Connection : public QObject {
    Q_OBJECT

public:
    Connection(std::unique_ptr<QTcpSocket> socket, const Limits& limits, const Service& service, const Clock& clock,
               QObject* parent);
    ~Connection() override;

    // What is lost if the connection is cut now, least first: nothing; a head that nobody has admitted yet, or what a
    // client has not read of the last answer; an answer on its way; a request.
    enum class Stake : std::uint8_t { Nothing, Head, Answer, Request };
    Stake stake() const;
    // Closes now if idle, after the answer otherwise.
    void closeSoon();

signals:
    void finished();

private:
    enum class Phase : std::uint8_t { Reading, Handling, Writing, Draining, Closed };

    void onReadyRead();
    void onBytesWritten();
    void onTimeout();
    // Waits for a request, and no byte of one is here.
    bool isIdle() const { return stake() == Stake::Nothing; }
    void readOn();
    void dispatch();
    std::optional<Response> admit(Request head) const;
    void answer(const Response& response);
    void refuse(const Response& response);
    void beginDrain();
    void close();
    void enter(Phase phase, std::chrono::milliseconds deadline);

    const Limits& m_limits;
    const Service& m_service;
    const Clock& m_clock;
    std::unique_ptr<QTcpSocket> m_socket;
    RequestParser m_parser;
    RequestParser::Stage m_timedStage = RequestParser::Stage::Empty;  // the stage the running deadline is for
    QTimer m_deadline;
    Phase m_phase = Phase::Reading;
    std::uint64_t m_ticket = 0;  // of the request under way; an answer to an earlier one is dropped
    bool m_isHead = false;
    bool m_closeAfter = false;
};

}  // namespace live::control::front
