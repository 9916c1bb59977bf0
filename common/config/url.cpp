#include "common/config/url.h"

#include <algorithm>
#include <charconv>

#include "common/net/endpoint.h"

namespace live::config {

namespace {
bool isAlphanumeric(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }
bool isHostCharacter(char c) { return isAlphanumeric(c) || c == '.' || c == '-'; }
bool isPathCharacter(char c) { return isAlphanumeric(c) || std::string_view("/-._~!$&'()*+,;=:@%").contains(c); }

bool isHost(std::string_view host) {
    if (host.size() > 2 && host.front() == '[') return net::parseEndpoint(std::string(host) + ":0").has_value();
    return !host.empty() && host.size() <= 253 && host.front() != '-' && std::ranges::all_of(host, isHostCharacter);
}

bool isPort(std::string_view text) {
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    return error == std::errc() && end == text.data() + text.size() && port != 0;
}

// "host" or "host:port"; the colons of an IPv6 address are inside brackets.
bool isAuthority(std::string_view authority) {
    const std::size_t colon = authority.rfind(':');
    const std::size_t bracket = authority.rfind(']');
    const bool hasPort = colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket);
    if (!hasPort) return isHost(authority);
    return isHost(authority.substr(0, colon)) && isPort(authority.substr(colon + 1));
}
}  // namespace

Result<std::string> parseBaseUrl(std::string_view text, std::span<const std::string_view> schemes) {
    const auto refuse = [](const std::string& why) { return fail(ErrorCode::InvalidArgument, why); };
    const auto scheme = std::ranges::find_if(
        schemes, [text](std::string_view name) { return text.starts_with(std::string(name) + "://"); });
    if (scheme == schemes.end()) {
        std::string names;
        for (std::string_view name : schemes) names += (names.empty() ? "'" : " or '") + std::string(name) + "://'";
        return refuse("does not start with " + names);
    }
    const std::string_view rest = text.substr(scheme->size() + 3);
    const std::size_t slash = std::min(rest.find('/'), rest.size());
    // A user name could be a password: the value is not repeated.
    if (rest.contains('@')) return refuse("contains '@'; a public URL has no user name");
    if (rest.contains('?') || rest.contains('#')) return refuse("has a query or fragment");
    if (!isAuthority(rest.substr(0, slash))) return refuse("has no valid host and port after '://'");
    if (!std::ranges::all_of(rest.substr(slash), isPathCharacter))
        return refuse("has a path with characters that need escaping");
    std::string url(text);
    while (url.ends_with('/')) url.pop_back();
    return url;
}

}  // namespace live::config
