#include "server/origin/byte_range.h"

#include <algorithm>

#include "server/origin/text.h"

namespace live::origin {

namespace {
constexpr std::size_t kMaxDigits = 32;

std::optional<std::uint64_t> position(std::string_view text) {
    const auto value = parseDecimal(text, kMaxDigits);
    return value ? std::optional(static_cast<std::uint64_t>(*value)) : std::nullopt;
}
}  // namespace

std::optional<ByteRange> ByteRange::parse(std::string_view header) {
    if (!startsWithIgnoringCase(header, "bytes=")) return std::nullopt;
    const std::string_view spec = trimmed(header.substr(6));
    const std::size_t dash = spec.find('-');
    if (dash == std::string_view::npos) return std::nullopt;
    const std::string_view before = spec.substr(0, dash), after = spec.substr(dash + 1);
    const ByteRange range{position(before), position(after)};
    if (!before.empty() && !range.first) return std::nullopt;
    if (!after.empty() && !range.last) return std::nullopt;
    if (!range.first && !range.last) return std::nullopt;
    if (range.first && range.last && *range.first > *range.last) return std::nullopt;
    return range;
}

std::variant<ByteRange::Slice, ByteRange::Unsatisfiable> ByteRange::resolve(std::uint64_t length) const {
    if (!first) {
        const std::uint64_t count = std::min(*last, length);
        if (count == 0) return Unsatisfiable{};
        return Slice{length - count, count};
    }
    if (*first >= length) return Unsatisfiable{};
    const std::uint64_t end = last ? std::min(*last, length - 1) : length - 1;
    return Slice{*first, end - *first + 1};
}

}  // namespace live::origin
