// An address to listen on.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/base/error.h"

namespace live::net {

struct Endpoint {
    std::string address;     // an IPv4 or IPv6 address, without brackets
    std::uint16_t port = 0;  // 0: the system takes a free one

    std::string text() const;  // "127.0.0.1:8080", "[::1]:8080"
    bool isLoopback() const;   // 127.0.0.0/8, ::1, and the first mapped into the second
    bool isWildcard() const;   // 0.0.0.0, ::
    // Whether one socket keeps the other from listening: the same port, and one address or a wildcard that has the
    // other's among it. False for port 0, which is another one each time.
    bool overlaps(const Endpoint& other) const;
    friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

inline constexpr std::string_view kAcceptedEndpoint = "\"address:port\", as in \"0.0.0.0:1935\" or \"[::1]:8080\"";

// Addresses only: a name could resolve to something else after the next start. InvalidArgument.
Result<Endpoint> parseEndpoint(std::string_view text);

}  // namespace live::net
