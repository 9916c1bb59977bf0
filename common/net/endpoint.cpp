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

bool isIpv4Loopback(const std::uint8_t* bytes) { return bytes[0] == 127; }

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
    if (const auto ipv4 = asIpv4(address)) return isIpv4Loopback(reinterpret_cast<const std::uint8_t*>(&ipv4->s_addr));
    const auto ipv6 = asIpv6(address);
    if (!ipv6) return false;
    return IN6_IS_ADDR_LOOPBACK(&*ipv6) || (IN6_IS_ADDR_V4MAPPED(&*ipv6) && isIpv4Loopback(ipv6->s6_addr + 12));
}

bool Endpoint::isWildcard() const {
    if (const auto ipv4 = asIpv4(address)) return ipv4->s_addr == htonl(INADDR_ANY);
    const auto ipv6 = asIpv6(address);
    return ipv6 && IN6_IS_ADDR_UNSPECIFIED(&*ipv6);
}

bool Endpoint::overlaps(const Endpoint& other) const {
    // listenOn("::") takes IPv4 too.
    const auto holds = [](const Endpoint& wide, const Endpoint& narrow) {
        return wide.isWildcard() && (asIpv6(wide.address) || asIpv4(narrow.address));
    };
    return port != 0 && port == other.port && (address == other.address || holds(*this, other) || holds(other, *this));
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
