// What may reach the TOML library at all.
#pragma once

#include <cstddef>
#include <string_view>

#include "common/base/error.h"

namespace live::config {

// A file beyond these is not a configuration. They also bound how deep the library recurses: a level per dot of a key.
inline constexpr std::size_t kMaxFileBytes = 256 * 1024;
inline constexpr std::size_t kMaxLineBytes = 1024;

// Refuses with context "line:column" what no configuration needs and toml++ 3.3 does not survive: oversize, control
// characters, multi-line strings, and characters outside ASCII anywhere but in strings and comments, where the library
// takes an "unreachable" branch for most of U+00A1 to U+0499. All but the sizes and the multi-line strings are no
// TOML 1.0 either. TooLarge, InvalidArgument.
Result<void> checkTomlText(std::string_view text);

}  // namespace live::config
