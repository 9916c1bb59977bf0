// The names under which this server is meant to be reached.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace live::control {

// "media.example.org" of "https://Media.example.org:8443/live" and of "media.example.org:8443", "::1" of "[::1]:8081";
// nothing of what is neither a URL nor an authority (RFC 3986 §3.2).
std::string hostOf(std::string_view urlOrAuthority);

// Whether a request with that Host field came here under a name of ours: an IP address, "localhost" or one of `names`
// (from hostOf), in any case. A page of somebody else whose own name was made to lead here (DNS rebinding) is told
// apart by it.
bool isOwnHost(std::string_view hostField, const std::vector<std::string>& names);

}  // namespace live::control
