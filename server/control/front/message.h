// One request and one response, whole. Values; no sockets.
#pragma once

#include <QFuture>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace live::control::front {

struct Header {
    std::string name;
    std::string value;
};

// Canonical: the path is split and percent-decoded, header names are lower case, a chunked body is put together.
struct Request {
    std::string method;                                      // "GET"
    std::vector<std::string> path;                           // "/api/v1/streams" → {"api", "v1", "streams"}
    std::vector<std::pair<std::string, std::string>> query;  // decoded, in order
    std::vector<Header> headers;
    std::string body;             // at most Limits::bodyBytes
    bool isFromLoopback = false;  // the peer's address is a loopback one

    // The value of the first header of that (lower-case) name; nothing without one.
    std::optional<std::string_view> header(std::string_view name) const;
};

// The front adds Date, Content-Length and Connection, and leaves the body out for HEAD and 204.
struct Response {
    int status = 200;
    std::string contentType;
    std::string body;
    std::vector<Header> headers = {};
};

// Called on the Qt main thread with one request of a connection at a time; the future must finish there.
using Handler = std::function<QFuture<Response>(Request)>;

// Asked when a head is complete and a body is to follow: the answer that refuses it, after which the connection ends,
// or nothing to read on. The request has no body yet.
using Admission = std::function<std::optional<Response>(const Request& head)>;

struct Service {
    Handler answer;
    Admission admit = [](const Request&) { return std::nullopt; };
};

// An RFC 9457 document for what goes wrong before a handler is reached.
Response problemResponse(int status, std::string_view code, std::string_view detail);

}  // namespace live::control::front
