#include "server/origin/http_request.h"

#include <algorithm>
#include <array>
#include <optional>

#include "server/origin/text.h"

namespace live::origin {

namespace {
using Refused = RequestParser::Refused;
using MaybeRefused = std::optional<Refused>;

Refused badRequest(std::string_view reason) { return {400, reason}; }

bool isTokenCharacter(char c) {
    // RFC 9110 §5.6.2
    return isAlphanumeric(c) || std::string_view("!#$%&'*+-.^_`|~").contains(c);
}

bool isValueCharacter(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte == '\t' || (byte >= 0x20 && byte != 0x7f);
}

// Takes the text up to `separator` off the front of `rest`; nothing if there is none.
std::optional<std::string_view> takeUntil(std::string_view& rest, std::string_view separator) {
    const std::size_t end = rest.find(separator);
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view taken = rest.substr(0, end);
    rest.remove_prefix(end + separator.size());
    return taken;
}

MaybeRefused parseMethod(std::string_view text, Method& method) {
    static constexpr std::array<std::string_view, 6> kOthers{"POST", "PUT", "DELETE", "PATCH", "CONNECT", "TRACE"};
    if (text.empty() || !std::ranges::all_of(text, isTokenCharacter)) return badRequest("malformed method");
    if (text == "GET") {
        method = Method::Get;
    } else if (text == "HEAD") {
        method = Method::Head;
    } else if (text == "OPTIONS") {
        method = Method::Options;
    } else if (std::ranges::find(kOthers, text) != kOthers.end()) {
        return Refused{405, "method not allowed"};
    } else {
        return Refused{501, "unknown method"};
    }
    return std::nullopt;
}

MaybeRefused parseVersion(std::string_view text, bool& isHttp10) {
    if (text.size() != 8 || !text.starts_with("HTTP/") || !isDigit(text[5]) || text[6] != '.' || !isDigit(text[7]))
        return badRequest("malformed version");
    if (text[5] != '1') return Refused{505, "HTTP/1.1 is spoken here"};
    isHttp10 = text[7] == '0';
    return std::nullopt;
}

// RFC 9112 §3.2: origin-form, absolute-form (whose authority then wins over Host), or "*" for OPTIONS.
MaybeRefused parseTarget(std::string_view target, RequestHead& head) {
    if (target.size() > kMaxTargetBytes) return Refused{414, "target too long"};
    if (!std::ranges::all_of(target, [](char c) { return c > 0x20 && c < 0x7f && c != '#'; }))
        return badRequest("malformed target");
    if (target == "*") {
        if (head.method != Method::Options) return badRequest("malformed target");
        head.path = target;
        return std::nullopt;
    }
    if (startsWithIgnoringCase(target, "http://") || startsWithIgnoringCase(target, "https://")) {
        target.remove_prefix(target.find("//") + 2);
        head.host = target.substr(0, target.find_first_of("/?"));
        target.remove_prefix(head.host.size());
        if (head.host.empty()) return badRequest("malformed target");
        if (target.empty()) target = "/";
    }
    if (!target.starts_with('/')) return badRequest("malformed target");
    const std::size_t mark = target.find('?');
    head.path = target.substr(0, mark);
    if (mark != std::string_view::npos) head.query = target.substr(mark + 1);
    return std::nullopt;
}

bool hasToken(std::string_view list, std::string_view token) {
    while (!list.empty()) {
        const std::size_t comma = list.find(',');
        if (equalsIgnoringCase(trimmed(list.substr(0, comma)), token)) return true;
        if (comma == std::string_view::npos) break;
        list.remove_prefix(comma + 1);
    }
    return false;
}

// RFC 9110 §12.4.2: only a weight of zero says "not this one".
bool isRefused(std::string_view parameters) {
    const std::string_view weight = trimmed(parameters);
    return startsWithIgnoringCase(weight, "q=") && weight.substr(2).find_first_not_of("0.") == std::string_view::npos;
}

// RFC 9110 §12.5.3: "*" stands for every coding that is not named.
bool offersGzip(std::string_view list) {
    bool isOffered = false;
    while (!list.empty()) {
        const std::size_t comma = list.find(',');
        const std::string_view item = trimmed(list.substr(0, comma));
        const std::size_t semicolon = item.find(';');
        const std::string_view coding = trimmed(item.substr(0, semicolon));
        const bool isTaken = semicolon == std::string_view::npos || !isRefused(item.substr(semicolon + 1));
        if (equalsIgnoringCase(coding, "gzip")) return isTaken;
        if (coding == "*") isOffered = isTaken;
        if (comma == std::string_view::npos) break;
        list.remove_prefix(comma + 1);
    }
    return isOffered;
}

struct Fields {
    bool hostSeen = false;
    bool rangeSeen = false;
    bool lengthSeen = false;
    bool wantsClose = false;
};

MaybeRefused takeField(std::string_view name, std::string_view value, Fields& fields, RequestHead& head) {
    if (equalsIgnoringCase(name, "host")) {
        if (fields.hostSeen) return badRequest("two Host fields");
        fields.hostSeen = true;
        if (head.host.empty()) head.host = value;
    } else if (equalsIgnoringCase(name, "range")) {
        head.range = fields.rangeSeen ? std::string_view() : value;
        fields.rangeSeen = true;
    } else if (equalsIgnoringCase(name, "if-range")) {
        head.ifRange = value;
    } else if (equalsIgnoringCase(name, "if-none-match")) {
        head.ifNoneMatch = value;
    } else if (equalsIgnoringCase(name, "accept-encoding")) {
        head.acceptsGzip = head.acceptsGzip || offersGzip(value);
    } else if (equalsIgnoringCase(name, "connection")) {
        fields.wantsClose = fields.wantsClose || hasToken(value, "close");
    } else if (equalsIgnoringCase(name, "transfer-encoding")) {
        return badRequest("a request body is not accepted");
    } else if (equalsIgnoringCase(name, "content-length")) {
        if (fields.lengthSeen || value != "0") return badRequest("a request body is not accepted");
        fields.lengthSeen = true;
    }
    return std::nullopt;
}

MaybeRefused parseFields(std::string_view lines, Fields& fields, RequestHead& head) {
    std::size_t count = 0;
    while (auto line = takeUntil(lines, "\r\n")) {
        if (++count > kMaxHeaders) return Refused{431, "too many header fields"};
        const std::size_t colon = line->find(':');
        if (colon == std::string_view::npos || colon == 0) return badRequest("malformed header field");
        const std::string_view name = line->substr(0, colon);
        const std::string_view value = trimmed(line->substr(colon + 1));
        // A folded line starts with white space, which no name may contain.
        if (!std::ranges::all_of(name, isTokenCharacter) || !std::ranges::all_of(value, isValueCharacter))
            return badRequest("malformed header field");
        if (auto refused = takeField(name, value, fields, head)) return refused;
    }
    return std::nullopt;
}

// `text` is the whole head up to and including the CRLF of its last field.
MaybeRefused parseHead(std::string_view text, RequestHead& head) {
    std::string_view line = *takeUntil(text, "\r\n");
    const auto method = takeUntil(line, " ");
    if (!method) return badRequest("malformed request line");
    if (method->size() > kMaxMethodBytes) return Refused{501, "unknown method"};
    const std::size_t space = line.rfind(' ');
    if (space == std::string_view::npos) return badRequest("malformed request line");
    bool isHttp10 = false;
    if (auto refused = parseVersion(line.substr(space + 1), isHttp10)) return refused;
    if (auto refused = parseMethod(*method, head.method)) return refused;
    if (auto refused = parseTarget(line.substr(0, space), head)) return refused;
    Fields fields;
    if (auto refused = parseFields(text, fields, head)) return refused;
    if (!isHttp10 && !fields.hostSeen) return badRequest("Host is missing");
    head.keepAlive = !isHttp10 && !fields.wantsClose;
    return std::nullopt;
}

// Which limit a head that has no end yet has already broken.
MaybeRefused limitBroken(std::string_view received) {
    const std::size_t lineEnd = received.find("\r\n");
    const std::size_t lineBytes = std::min(lineEnd, received.size());
    if (lineBytes > kMaxTargetBytes + kMaxMethodBytes + 16) return Refused{414, "target too long"};
    if (received.size() >= kMaxHeadBytes) return Refused{431, "header fields too large"};
    return std::nullopt;
}
}  // namespace

RequestParser::Outcome RequestParser::parse(std::string_view received) {
    // RFC 9112 §2.2: empty lines before a request are ignored; they count towards the bound of the head.
    std::size_t start = 0;
    while (received.substr(start).starts_with("\r\n")) start += 2;
    for (std::size_t end = received.find('\n', m_searched); end != std::string_view::npos;
         end = received.find('\n', end + 1)) {
        if (end == 0 || received[end - 1] != '\r') return badRequest("bare line feed");
        if (end + 1 - start <= 2 || end < start || !received.substr(0, end + 1).ends_with("\r\n\r\n")) continue;
        if (end + 1 > kMaxHeadBytes) break;
        Complete complete;
        complete.consumed = end + 1;
        if (auto refused = parseHead(received.substr(start, end - 1 - start), complete.head)) return *refused;
        return complete;
    }
    m_searched = received.size();
    if (auto refused = limitBroken(received.substr(start))) return *refused;
    if (received.size() >= kMaxHeadBytes) return Refused{431, "header fields too large"};
    return NeedMore{};
}

}  // namespace live::origin
