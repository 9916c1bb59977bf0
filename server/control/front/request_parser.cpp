#include "server/control/front/request_parser.h"

#include <algorithm>
#include <boost/asio/buffer.hpp>

#include "server/control/front/target.h"

namespace live::control::front {

namespace http = boost::beast::http;

namespace {

std::string lowered(std::string_view text) {
    std::string lower(text);
    std::ranges::transform(lower, lower.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
    return lower;
}

std::string_view view(boost::beast::string_view text) { return {text.data(), text.size()}; }

}  // namespace

RequestParser::RequestParser(ParserLimits limits, Admission admit) : m_limits(limits), m_admit(std::move(admit)) {
    start();
}

void RequestParser::start() {
    m_parser = std::make_unique<Parser>();
    m_parser->header_limit(m_limits.headBytes);
    m_parser->body_limit(m_limits.bodyBytes);
    m_stage = Stage::Empty;
    m_headChecked = m_expects = false;
}

void RequestParser::feed(std::string_view bytes) {
    m_pending += bytes;
    parse();
}

void RequestParser::parse() {
    if (m_stage == Stage::Complete || m_stage == Stage::Failed) return;
    // RFC 9112 §2.2: empty lines before the request line are ignored.
    if (!m_parser->got_some()) m_pending.erase(0, m_pending.find_first_not_of("\r\n"));
    if (m_pending.empty()) return;
    boost::beast::error_code error = parsePending();
    if (m_parser->is_header_done() && !m_headChecked) {
        m_headChecked = true;
        checkHead();
        if (m_stage == Stage::Failed) return;
        m_parser->eager(true);
        if (!error && !m_parser->is_done() && !m_pending.empty()) error = parsePending();
    }
    if (error && error != http::error::need_more) return refuse(error);
    // A chunk's header or the trailer without an end is all that is not consumed here.
    if (m_headChecked && !m_parser->is_done() && m_pending.size() > m_limits.headBytes)
        return refuse(http::error::header_limit);
    m_stage = m_parser->is_done() ? Stage::Complete : m_headChecked ? Stage::Body : Stage::Head;
}

// Stops behind the header section the first time: Beast puts the fields of a trailer among those of the header.
boost::beast::error_code RequestParser::parsePending() {
    boost::beast::error_code error;
    m_pending.erase(0, m_parser->put(boost::asio::buffer(m_pending), error));
    return error;
}

void RequestParser::checkHead() {
    const auto& head = m_parser->get();
    if (head.version() > 10 && head.count(http::field::host) != 1)
        return refuse(400, "bad_request", "A request has exactly one Host field");
    // RFC 9112 §6.1: framing that two readers could read differently is how requests are smuggled.
    if (head.count(http::field::transfer_encoding) > 0) {
        if (head.count(http::field::transfer_encoding) > 1 || head.count(http::field::content_length) > 0 ||
            head.version() == 10)
            return refuse(400, "bad_request", "The body is framed in two ways");
        if (lowered(view(head[http::field::transfer_encoding])) != "chunked")
            return refuse(501, "transfer_encoding", "The only transfer encoding is chunked");
    }
    if (head.count(http::field::content_length) > 1)
        return refuse(400, "bad_request", "The body is framed in two ways");
    if (const auto expect = head.find(http::field::expect); expect != head.end()) {
        if (lowered(view(expect->value())) != "100-continue")
            return refuse(417, "expectation", "The only expectation is 100-continue");
        m_expects = head.version() > 10;
    }
    auto target = parseTarget(view(head.target()));
    if (!target) return refuse(400, "bad_request", target.error().message);
    m_request.path = std::move(target->path);
    m_request.query = std::move(target->query);
    m_request.method = view(head.method_string());
    for (const auto& field : head)
        m_request.headers.push_back({lowered(view(field.name_string())), std::string(view(field.value()))});
    m_keepAlive = head.keep_alive();
    if (m_parser->is_done()) return;
    if (auto refusal = m_admit(m_request)) refuse(*std::move(refusal));
}

bool RequestParser::takeExpectation() { return m_stage == Stage::Body && std::exchange(m_expects, false); }

Request RequestParser::take() {
    Request request = std::exchange(m_request, {});
    request.body = std::move(m_parser->get().body());
    start();
    parse();
    return request;
}

void RequestParser::refuse(int status, std::string_view code, std::string_view detail) {
    refuse(problemResponse(status, code, detail));
}

void RequestParser::refuse(Response failure) {
    m_failure = std::move(failure);
    m_stage = Stage::Failed;
    m_pending.clear();
}

void RequestParser::refuse(boost::beast::error_code error) {
    if (error == http::error::header_limit)
        return refuse(431, "head_too_large",
                      "Request line and headers are larger than " + std::to_string(m_limits.headBytes) + " bytes");
    if (error == http::error::body_limit)
        return refuse(413, "too_large", "The body is larger than " + std::to_string(m_limits.bodyBytes) + " bytes");
    if (error == http::error::bad_version) return refuse(505, "http_version", "HTTP/1.1 is spoken here");
    refuse(400, "bad_request", "This is not HTTP/1.1: " + error.message());
}

}  // namespace live::control::front
