// A response as bytes that any number of connections can send at once.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/bytes.h"
#include "server/store/snapshot.h"

namespace live::origin {

// Immutable; any thread. `head` is the status line and all fields but Date and Connection, which each connection adds
// together with the empty line. Each field ends with CRLF.
struct Response {
    int status = 200;
    Buffer head;
    std::vector<Buffer> body;  // shared with the store; sent one after the other
    std::size_t bodyBytes = 0;
};
using ResponsePtr = std::shared_ptr<const Response>;

struct ResponseFields {
    int status = 200;
    std::string_view contentType;   // empty: none
    std::string_view cacheControl;  // empty: none
    std::string extra;              // further fields, each with its CRLF
    std::vector<Buffer> body;
};

// Adds Content-Length (but for 204 and 304) and the CORS fields that players of any site need.
ResponsePtr makeResponse(ResponseFields fields);

// An answer without a body that no cache may keep; `reason` goes into the field Live-Reason for whoever debugs a CDN.
// 503 gets Retry-After: 1, 405 an Allow.
ResponsePtr makeError(int status, std::string_view reason);

// The answer to a CORS preflight and to any other OPTIONS.
ResponsePtr makePreflight();

// A text that was read at start, a page or a script, with all its answers made in advance. Any thread.
class StaticText {
public:
    // The entity tag is derived from the content; there is one for each coding.
    StaticText(const store::TextBody& content, std::string_view contentType, std::string_view cacheControl);

    // gzip for those who accept it, if there is one; 304 if `ifNoneMatch` names what would be sent.
    const ResponsePtr& answer(bool acceptsGzip, std::string_view ifNoneMatch) const;

private:
    struct Coding {
        std::string tag;
        ResponsePtr full;
        ResponsePtr unchanged;
    };
    static Coding code(const Buffer& body, std::string tag, std::string fields, std::string_view contentType,
                       std::string_view cacheControl);

    Coding m_plain;
    Coding m_gzip;  // without answers if the content has no gzip form
};

// RFC 9110 §13.1.2: the list of a request's If-None-Match names `tag` (quoted) or is "*".
bool matchesTag(std::string_view ifNoneMatch, std::string_view tag);

std::string_view statusText(int status);

}  // namespace live::origin
