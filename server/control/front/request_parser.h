// Bytes → requests, with bounds (RFC 9112). Boost.Beast's parser does the grammar; no I/O, no clock, any one thread.
#pragma once

#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "server/control/front/message.h"

namespace live::control::front {

struct ParserLimits {
    std::uint32_t headBytes = 64 * 1024;  // request line and headers
    std::uint64_t bodyBytes = 1024 * 1024;
};

// feed() until isComplete() or failure(), then take(); bytes of the next request that were fed too are kept, and parsed
// by take(). A body that `admit` refuses is not kept. Holds at most headBytes, bodyBytes and the bytes of one feed().
class RequestParser {
public:
    explicit RequestParser(ParserLimits limits = {}, Admission admit = Service().admit);

    // No more bytes may be fed once a request is complete or has failed.
    void feed(std::string_view bytes);

    enum class Stage : std::uint8_t { Empty, Head, Body, Complete, Failed };
    Stage stage() const { return m_stage; }

    // After Failed: what to answer before the connection is closed.
    const Response& failure() const { return m_failure; }
    // In Body: the client waits for "100 Continue" before it sends the body (RFC 9110 §10.1.1). True once a request.
    bool takeExpectation();
    // The request under way has a complete head, and its answer has no body.
    bool isHead() const { return m_request.method == "HEAD"; }
    // At Complete, before take(): whether the connection may go on after the answer.
    bool keepAlive() const { return m_keepAlive; }

    // At Complete: the request, without the fields of a trailer (RFC 9110 §6.5.1). Then parses what was fed behind it.
    Request take();

private:
    using Parser = boost::beast::http::request_parser<boost::beast::http::string_body>;

    void start();
    void parse();
    boost::beast::error_code parsePending();
    void checkHead();
    void refuse(Response failure);
    void refuse(int status, std::string_view code, std::string_view detail);
    void refuse(boost::beast::error_code error);

    ParserLimits m_limits;
    Admission m_admit;
    std::unique_ptr<Parser> m_parser;
    std::string m_pending;
    Request m_request;  // the head under way
    Response m_failure;
    Stage m_stage = Stage::Empty;
    bool m_headChecked = false;
    bool m_expects = false;
    bool m_keepAlive = false;
};

}  // namespace live::control::front
