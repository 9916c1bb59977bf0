// The request target (RFC 9112 §3.2), taken apart.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/error.h"

namespace live::control::front {

struct Target {
    std::vector<std::string> path;
    std::vector<std::pair<std::string, std::string>> query;
};

// Origin and absolute form. InvalidArgument for anything else, bad percent-encoding, control characters, '.' and '..'
// segments; a segment may hold no decoded '/'. At most 32 query parameters.
Result<Target> parseTarget(std::string_view text);

}  // namespace live::control::front
