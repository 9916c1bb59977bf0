// Base URLs that are told to others.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "common/base/error.h"

namespace live::config {

// Checks an absolute URL (RFC 3986) with one of `schemes`, a host, and optionally a port and a path; no user, query or
// fragment. Gives it back without slashes at the end, so that "/live/…" can be appended. InvalidArgument.
Result<std::string> parseBaseUrl(std::string_view text, std::span<const std::string_view> schemes);

}  // namespace live::config
