#include "server/origin/response.h"

#include <numeric>

#include "common/base/ids.h"
#include "server/origin/text.h"

namespace live::origin {

namespace {
constexpr std::string_view kCors =
    "Access-Control-Allow-Origin: *\r\n"
    "Access-Control-Expose-Headers: Age, Date, Content-Length, Content-Range, ETag, Retry-After, CMSD-Static, "
    "CMSD-Dynamic\r\n";
constexpr std::string_view kPreflight =
    "Access-Control-Allow-Methods: GET, HEAD, OPTIONS\r\n"
    "Access-Control-Allow-Headers: CMCD-Request, CMCD-Object, CMCD-Status, CMCD-Session, Range, Authorization, "
    "Content-Type\r\n"
    "Access-Control-Max-Age: 86400\r\n";
constexpr std::size_t kTypicalHead = 512;

void addField(std::string& head, std::string_view name, std::string_view value) {
    if (value.empty()) return;
    head.append(name).append(": ").append(value).append("\r\n");
}
}  // namespace

std::string_view statusText(int status) {
    switch (status) {
        case 200: return "OK";
        case 204: return "No Content";
        case 206: return "Partial Content";
        case 304: return "Not Modified";
        case 400: return "Bad Request";
        case 404: return "Not Found";
        case 405: return "Method Not Allowed";
        case 408: return "Request Timeout";
        case 414: return "URI Too Long";
        case 416: return "Range Not Satisfiable";
        case 431: return "Request Header Fields Too Large";
        case 501: return "Not Implemented";
        case 503: return "Service Unavailable";
        case 505: return "HTTP Version Not Supported";
        default: return "Status";
    }
}

ResponsePtr makeResponse(ResponseFields fields) {
    auto response = std::make_shared<Response>();
    response->status = fields.status;
    response->body = std::move(fields.body);
    for (const Buffer& buffer : response->body) response->bodyBytes += buffer.size();
    std::string head;
    head.reserve(kTypicalHead);
    head.append("HTTP/1.1 ").append(std::to_string(fields.status)).append(" ").append(statusText(fields.status));
    head.append("\r\n");
    if (fields.status != 204 && fields.status != 304)
        addField(head, "Content-Length", std::to_string(response->bodyBytes));
    addField(head, "Content-Type", fields.contentType);
    addField(head, "Cache-Control", fields.cacheControl);
    head.append(fields.extra).append(kCors);
    response->head = Buffer::copyOf(head);
    return response;
}

ResponsePtr makeError(int status, std::string_view reason) {
    ResponseFields fields{.status = status, .contentType = {}, .cacheControl = "no-store", .extra = {}, .body = {}};
    addField(fields.extra, "Live-Reason", reason);
    if (status == 405) addField(fields.extra, "Allow", "GET, HEAD, OPTIONS");
    if (status == 503) addField(fields.extra, "Retry-After", "1");
    return makeResponse(std::move(fields));
}

ResponsePtr makePreflight() {
    ResponseFields fields{.status = 204, .contentType = {}, .cacheControl = {}, .extra = {}, .body = {}};
    addField(fields.extra, "Allow", "GET, HEAD, OPTIONS");
    fields.extra.append(kPreflight);
    return makeResponse(std::move(fields));
}

StaticText::StaticText(const store::TextBody& content, std::string_view contentType, std::string_view cacheControl) {
    const std::string digest = sha256Hex(content.plain.view()).substr(0, 16);
    m_plain = code(content.plain, '"' + digest + '"', {}, contentType, cacheControl);
    if (!content.gzip.empty())
        m_gzip = code(content.gzip, '"' + digest + "-gzip\"", "Content-Encoding: gzip\r\n", contentType, cacheControl);
}

StaticText::Coding StaticText::code(const Buffer& body, std::string tag, std::string fields,
                                    std::string_view contentType, std::string_view cacheControl) {
    std::string shared;
    addField(shared, "Vary", "Accept-Encoding");
    addField(shared, "ETag", tag);
    addField(shared, "X-Content-Type-Options", "nosniff");
    Coding coding;
    coding.full = makeResponse({.status = 200,
                                .contentType = contentType,
                                .cacheControl = cacheControl,
                                .extra = shared + fields,
                                .body = {body}});
    coding.unchanged =
        makeResponse({.status = 304, .contentType = {}, .cacheControl = cacheControl, .extra = shared, .body = {}});
    coding.tag = std::move(tag);
    return coding;
}

const ResponsePtr& StaticText::answer(bool acceptsGzip, std::string_view ifNoneMatch) const {
    const Coding& coding = acceptsGzip && m_gzip.full ? m_gzip : m_plain;
    return matchesTag(ifNoneMatch, coding.tag) ? coding.unchanged : coding.full;
}

bool matchesTag(std::string_view ifNoneMatch, std::string_view tag) {
    while (!ifNoneMatch.empty()) {
        const std::size_t comma = ifNoneMatch.find(',');
        std::string_view item = trimmed(ifNoneMatch.substr(0, comma));
        if (item == "*") return true;
        if (item.starts_with("W/")) item.remove_prefix(2);  // weak comparison
        if (item == tag) return true;
        if (comma == std::string_view::npos) break;
        ifNoneMatch.remove_prefix(comma + 1);
    }
    return false;
}

}  // namespace live::origin
