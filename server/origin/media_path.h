// The names under which a stream is fetched. Every name is written in exactly one way: no percent-encoding, no leading
// zeros, no dot segments; so a cache can hold it once only.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/base/ids.h"
#include "server/media/grid.h"

namespace live::origin {

//   /live/{stream}/master.m3u8
//   /live/{stream}/{broadcast}/{rendition}/index.m3u8 | init-{8 hex}.mp4 | {k}.m4s | {k}.{p}.m4s
// and the same with "/t/{token}" in front; a token is one path segment and is not looked at here.
struct MediaPath {
    enum class Kind : std::uint8_t { Multivariant, Playlist, Init, Segment, Part };

    Kind kind = Kind::Multivariant;
    StreamId stream;
    std::string broadcast;  // checked for form only
    std::string rendition;
    std::string initName;  // Kind::Init
    media::SlotId slot;    // Kind::Part; for Kind::Segment only `segment`
    friend bool operator==(const MediaPath&, const MediaPath&) = default;

    // Nothing if it is not a name of this form: 404.
    static std::optional<MediaPath> parse(std::string_view path);
};

// True for a path that may be looked up at all: segments of visible ASCII without '%', '\\', "", "." or ".."; a slash
// at the end is allowed. Everything else is answered 400 before any table is searched.
bool isPlainPath(std::string_view path);

}  // namespace live::origin
