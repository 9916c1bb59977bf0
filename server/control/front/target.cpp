#include "server/control/front/target.h"

#include <charconv>
#include <optional>

namespace live::control::front {

namespace {

constexpr std::size_t kMaxParameters = 32;

std::optional<std::string> percentDecoded(std::string_view text, char plus) {
    std::string decoded;
    for (std::size_t i = 0; i < text.size(); ++i) {
        auto byte = static_cast<unsigned char>(text[i] == '+' ? plus : text[i]);
        if (text[i] == '%') {
            if (i + 2 >= text.size()) return std::nullopt;
            const auto [end, error] = std::from_chars(text.data() + i + 1, text.data() + i + 3, byte, 16);
            if (error != std::errc() || end != text.data() + i + 3) return std::nullopt;
            i += 2;
        }
        if (byte < 0x20 || byte == 0x7f) return std::nullopt;
        decoded += static_cast<char>(byte);
    }
    return decoded;
}

// The text up to `separator`; removes it and the separator from `rest`.
std::string_view takeUntil(std::string_view& rest, char separator) {
    const std::size_t end = rest.find(separator);
    const std::string_view taken = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    return taken;
}

Result<void> parseQuery(std::string_view text, Target& target) {
    while (!text.empty()) {
        std::string_view pair = takeUntil(text, '&');
        if (pair.empty()) continue;
        const auto name = percentDecoded(takeUntil(pair, '='), ' ');
        const auto value = percentDecoded(pair, ' ');
        if (!name || !value) return fail(ErrorCode::InvalidArgument, "The query is not percent-encoded as it must be");
        if (target.query.size() == kMaxParameters)
            return fail(ErrorCode::InvalidArgument, "The query has too many parameters");
        target.query.emplace_back(*name, *value);
    }
    return {};
}

}  // namespace

Result<Target> parseTarget(std::string_view text) {
    for (std::string_view scheme : {"http://", "https://"})
        if (text.starts_with(scheme)) {
            text.remove_prefix(scheme.size());
            const std::size_t path = text.find_first_of("/?");
            text = path == std::string_view::npos ? "/" : text.substr(path);
        }
    if (!text.starts_with('/') || text.contains('#'))
        return fail(ErrorCode::InvalidArgument, "The request target is not a path");
    Target target;
    std::string_view path = takeUntil(text, '?');
    while (!path.empty()) {
        path.remove_prefix(1);
        const std::string_view raw = path.substr(0, path.find('/'));
        path.remove_prefix(raw.size());
        const auto segment = percentDecoded(raw, '+');
        if (!segment || segment->contains('/') || *segment == "." || *segment == "..")
            return fail(ErrorCode::InvalidArgument, "The path has a segment that is not accepted");
        target.path.push_back(*segment);
    }
    if (target.path.size() == 1 && target.path.front().empty()) target.path.clear();
    LIVE_TRY(parseQuery(text, target));
    return target;
}

}  // namespace live::control::front
