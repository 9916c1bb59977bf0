// The head of an HTTP/1.1 request (RFC 9112), parsed within fixed bounds. Pure: bytes in, a head or a status out.
#pragma once

#include <cstdint>
#include <string_view>
#include <variant>

namespace live::origin {

inline constexpr std::size_t kMaxHeadBytes = 16 * 1024;   // request line and headers together, else 431
inline constexpr std::size_t kMaxTargetBytes = 8 * 1024;  // else 414
inline constexpr std::size_t kMaxMethodBytes = 32;        // else 501
inline constexpr std::size_t kMaxHeaders = 100;           // else 431

// What the origin answers; every other method is refused by the parser (405 if RFC 9110 or 5789 names it, else 501).
enum class Method : std::uint8_t { Get, Head, Options };

// Views into the bytes that were parsed. Header values are trimmed; absent ones are empty.
struct RequestHead {
    Method method = Method::Get;
    std::string_view path;   // starts with '/', or is "*" (OPTIONS only); not decoded
    std::string_view query;  // without '?'
    std::string_view host;
    std::string_view range;  // empty if it came more than once
    std::string_view ifRange;
    std::string_view ifNoneMatch;
    bool acceptsGzip = false;
    bool keepAlive = false;  // false for HTTP/1.0 and for Connection: close
};

// One request at a time. Feed it all bytes received since the end of the last request, again and again, until it stops
// asking for more; what has been looked at is not searched again, so a sender that trickles costs no more than one that
// does not.
class RequestParser {
public:
    struct NeedMore {};
    struct Complete {
        RequestHead head;
        std::size_t consumed = 0;  // bytes of `received` that belong to this request
    };
    // Not understood or not wanted; the connection must be closed after the answer, for a body may follow.
    struct Refused {
        int status = 400;         // 400, 405, 414, 431, 501 or 505
        std::string_view reason;  // constant text
    };
    using Outcome = std::variant<NeedMore, Complete, Refused>;

    // A GET, HEAD or OPTIONS with a body is refused, and anything that could be read in two ways: Transfer-Encoding,
    // two Host fields, folded lines, a bare line feed, white space before a colon.
    Outcome parse(std::string_view received);
    // After Complete, before the bytes of the next request.
    void reset() { m_searched = 0; }

private:
    std::size_t m_searched = 0;
};

}  // namespace live::origin
