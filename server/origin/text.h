// ASCII text helpers for parsers of the origin. The C library's depend on the locale.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>

namespace live::origin {

inline bool isDigit(char c) { return c >= '0' && c <= '9'; }
inline char toLower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
inline bool isAlphanumeric(char c) { return isDigit(c) || (toLower(c) >= 'a' && toLower(c) <= 'z'); }

inline bool equalsIgnoringCase(std::string_view a, std::string_view b) {
    return a.size() == b.size() && std::ranges::equal(a, b, {}, toLower, toLower);
}
inline bool startsWithIgnoringCase(std::string_view text, std::string_view prefix) {
    return equalsIgnoringCase(text.substr(0, prefix.size()), prefix);
}

// Without spaces and tabs at both ends (OWS of RFC 9110 §5.6.3).
inline std::string_view trimmed(std::string_view text) {
    const std::size_t first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// A decimal integer of 1 to `maxDigits` digits and nothing else; values past the type's range become its maximum.
inline std::optional<std::int64_t> parseDecimal(std::string_view text, std::size_t maxDigits) {
    if (text.empty() || text.size() > maxDigits || !std::ranges::all_of(text, isDigit)) return std::nullopt;
    constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
    std::int64_t value = 0;
    for (const char c : text) {
        const std::int64_t digit = c - '0';
        value = value > (kMax - digit) / 10 ? kMax : value * 10 + digit;
    }
    return value;
}

}  // namespace live::origin
