// "did you mean …"
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace live::config {

// How many insertions, deletions, substitutions and swaps of neighbours turn `a` into `b` (optimal string alignment).
std::size_t editDistance(std::string_view a, std::string_view b);

// The known key that is most likely meant by `key`: one with few typing errors, else the same name in the section whose
// name is nearest.
std::optional<std::string> suggestion(std::string_view key, std::span<const std::string> known);

}  // namespace live::config
