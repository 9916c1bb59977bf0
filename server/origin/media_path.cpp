#include "server/origin/media_path.h"

#include <algorithm>
#include <array>
#include <limits>

#include "server/origin/text.h"

namespace live::origin {

namespace {
constexpr std::size_t kMaxSegments = 7;  // "t", token, "live", stream, broadcast, rendition, file

struct PathSegments {
    std::array<std::string_view, kMaxSegments> at;
    std::size_t count = 0;
};

std::optional<PathSegments> split(std::string_view path) {
    PathSegments segments;
    while (!path.empty()) {
        path.remove_prefix(1);  // the slash
        if (segments.count == kMaxSegments) return std::nullopt;
        const std::size_t end = std::min(path.find('/'), path.size());
        segments.at[segments.count++] = path.substr(0, end);
        path.remove_prefix(end);
    }
    return segments;
}

std::optional<std::int64_t> number(std::string_view text) {
    if (text.size() > 1 && text.front() == '0') return std::nullopt;
    return parseDecimal(text, 18);
}

bool isInitName(std::string_view name) {
    return name.size() == 17 && name.starts_with("init-") && name.ends_with(".mp4") &&
           std::ranges::all_of(name.substr(5, 8), [](char c) { return isDigit(c) || (c >= 'a' && c <= 'f'); });
}

// "{k}.m4s" or "{k}.{p}.m4s"
bool parseMediaName(std::string_view name, MediaPath& path) {
    if (!name.ends_with(".m4s")) return false;
    name.remove_suffix(4);
    const std::size_t dot = name.find('.');
    const auto segment = number(name.substr(0, dot));
    if (!segment) return false;
    path.slot.segment = *segment;
    path.kind = MediaPath::Kind::Segment;
    if (dot == std::string_view::npos) return true;
    const auto part = number(name.substr(dot + 1));
    if (!part || *part > std::numeric_limits<std::int32_t>::max()) return false;
    path.slot.part = static_cast<std::int32_t>(*part);
    path.kind = MediaPath::Kind::Part;
    return true;
}

bool parseFile(std::string_view name, MediaPath& path) {
    if (name == "index.m3u8") {
        path.kind = MediaPath::Kind::Playlist;
        return true;
    }
    if (isInitName(name)) {
        path.kind = MediaPath::Kind::Init;
        path.initName = name;
        return true;
    }
    return parseMediaName(name, path);
}
}  // namespace

std::optional<MediaPath> MediaPath::parse(std::string_view text) {
    if (!text.starts_with('/')) return std::nullopt;
    const auto segments = split(text);
    if (!segments) return std::nullopt;
    std::span<const std::string_view> names(segments->at.data(), segments->count);
    if (names.size() > 2 && names[0] == "t" && !names[1].empty()) names = names.subspan(2);
    if ((names.size() != 3 && names.size() != 5) || names[0] != "live") return std::nullopt;
    const auto stream = StreamId::parse(names[1]);
    if (!stream) return std::nullopt;
    MediaPath path;
    path.stream = *stream;
    if (names.size() == 3) return names[2] == "master.m3u8" ? std::optional(path) : std::nullopt;
    if (!BroadcastIdTag::isValid(names[2]) || !RenditionIdTag::isValid(names[3])) return std::nullopt;
    path.broadcast = names[2];
    path.rendition = names[3];
    return parseFile(names[4], path) ? std::optional(path) : std::nullopt;
}

bool isPlainPath(std::string_view path) {
    if (!path.starts_with('/')) return false;
    if (!std::ranges::all_of(path, [](char c) { return c > 0x20 && c < 0x7f && c != '%' && c != '\\'; })) return false;
    while (path.size() > 1) {
        path.remove_prefix(1);
        const std::size_t end = std::min(path.find('/'), path.size());
        const std::string_view segment = path.substr(0, end);
        if (segment.empty() || segment == "." || segment == "..") return false;
        path.remove_prefix(end);
    }
    return true;
}

}  // namespace live::origin
