#include "common/net/endpoint.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <charconv>
#include <cstring>
#include <optional>

namespace live::net {

namespace {
std::optional<in_addr> asIpv4(const std::string& address) {
    in_addr parsed{};
    return ::inet_pton(AF_INET, address.c_str(), &parsed) == 1 ? std::optional(parsed) : std::nullopt;
}

std::optional<in6_addr> asIpv6(const std::string& address) {
    in6_addr parsed{};
    return ::inet_pton(AF_INET6, address.c_str(), &parsed) == 1 ? std::optional(parsed) : std::nullopt;
}

// IPv4 as mapped into IPv6 (RFC 4291 §2.5.5.2), so that an address has one spelling.
std::optional<in6_addr> inIpv6(const std::string& address) {
    const auto ipv4 = asIpv4(address);
    if (!ipv4) return asIpv6(address);
    in6_addr mapped{};
    mapped.s6_addr[10] = mapped.s6_addr[11] = 0xff;
    std::memcpy(mapped.s6_addr + 12, &ipv4->s_addr, 4);
    return mapped;
}

bool isIpv4Wildcard(const in6_addr& address) { return IN6_IS_ADDR_V4MAPPED(&address) && address.s6_addr32[3] == 0; }

// listenOn("::") takes IPv4 too.
bool holds(const in6_addr& wide, const in6_addr& narrow) {
    return IN6_ARE_ADDR_EQUAL(&wide, &narrow) || IN6_IS_ADDR_UNSPECIFIED(&wide) ||
           (isIpv4Wildcard(wide) && IN6_IS_ADDR_V4MAPPED(&narrow));
}

std::optional<std::uint16_t> parsePort(std::string_view text) {
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return port;
}
}  // namespace

std::string Endpoint::text() const {
    const bool isIpv6 = address.find(':') != std::string::npos;
    return (isIpv6 ? "[" + address + "]" : address) + ":" + std::to_string(port);
}

bool Endpoint::isLoopback() const {
    const auto parsed = inIpv6(address);
    if (!parsed) return false;
    return IN6_IS_ADDR_LOOPBACK(&*parsed) || (IN6_IS_ADDR_V4MAPPED(&*parsed) && parsed->s6_addr[12] == 127);
}

bool Endpoint::isWildcard() const {
    const auto parsed = inIpv6(address);
    return parsed && (IN6_IS_ADDR_UNSPECIFIED(&*parsed) || isIpv4Wildcard(*parsed));
}

bool Endpoint::overlaps(const Endpoint& other) const {
    const auto here = inIpv6(address), there = inIpv6(other.address);
    return port != 0 && port == other.port && here && there && (holds(*here, *there) || holds(*there, *here));
}

Result<Endpoint> parseEndpoint(std::string_view text) {
    const auto refuse = [text](const char* why) {
        return fail(ErrorCode::InvalidArgument, "'" + std::string(text) + "' " + why);
    };
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos) return refuse("has no port");
    const auto port = parsePort(text.substr(colon + 1));
    if (!port) return refuse("has no port from 0 to 65535 after its last ':'");
    std::string_view host = text.substr(0, colon);
    const bool isBracketed = host.size() >= 2 && host.front() == '[' && host.back() == ']';
    if (isBracketed) host = host.substr(1, host.size() - 2);
    Endpoint endpoint{std::string(host), *port};
    // A NUL would end the text early for inet_pton.
    if (host.find('\0') != std::string_view::npos) return refuse("is not an IP address");
    if (isBracketed && asIpv6(endpoint.address)) return endpoint;
    if (!isBracketed && asIpv4(endpoint.address)) return endpoint;
    if (!isBracketed && asIpv6(endpoint.address)) return refuse("has an IPv6 address without brackets");
    return refuse("is not an IP address");
}

}  // namespace live::net
