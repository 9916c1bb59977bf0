// The origin's decision: a request and what is published → a response, or what to wait for. Pure, any thread.
#pragma once

#include <optional>
#include <string>
#include <variant>

#include "server/origin/byte_range.h"
#include "server/origin/hls_query.h"
#include "server/origin/media_path.h"
#include "server/origin/response.h"
#include "server/store/directory.h"

namespace live::origin {

// A GET or HEAD of a media path. Two requests that are equal get the same response.
struct MediaRequest {
    MediaPath path;
    HlsQuery query;                  // Kind::Playlist only
    std::optional<ByteRange> range;  // Kind::Init, Segment, Part only, as the two below
    std::string ifRange;
    std::string ifNoneMatch;
    bool acceptsGzip = false;  // Kind::Multivariant and Playlist only
    friend bool operator==(const MediaRequest&, const MediaRequest&) = default;
};

// Whether a request has just come or has been held before: a stale playlist refuses the first, the second goes on
// waiting.
enum class Phase : std::uint8_t { New, Held };

// Evaluate again whenever the stream's entry changes, with Phase::Held, until `limit` has passed since the request
// came; then answer 503.
struct Hold {
    enum class For : std::uint8_t { FirstPlaylist, Playlist, Part };

    For what = For::Playlist;
    Nanoseconds limit{};
    friend bool operator==(const Hold&, const Hold&) = default;
};

using Decision = std::variant<ResponsePtr, Hold>;

// `entry` is null for a stream that is idle or unknown. `now` only tells stale playlists.
Decision decide(const MediaRequest& request, const store::StreamEntry* entry, BootTime now, Phase phase);

// How long anything is held while a broadcast starts.
inline constexpr Nanoseconds kStartLimit = Seconds(10);

}  // namespace live::origin
