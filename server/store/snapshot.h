// What viewers can fetch of a stream at one instant: one immutable value for all renditions together.
//
// Each new slot makes a new StreamSnapshot; everything in it is shared with the one before but what changed. The
// packager makes it (media thread), the origin reads it (viewer threads); nobody changes it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/base/bytes.h"
#include "server/media/plan.h"

namespace live::store {

// A published part: one CMAF fragment (moof + mdat; the first of a segment starts with styp).
struct Part {
    Buffer bytes;
    Nanoseconds duration{};  // T(k,p+1) - T(k,p)
    bool isIndependent = false;
};

// A segment is exactly the concatenation of its parts; open while it has fewer than slotsPerSegment.
struct Segment {
    std::int64_t number = 0;       // k, the media sequence number
    OutputTime start{};            // T(k,0): PROGRAM-DATE-TIME
    std::vector<Part> parts;       // in order, without gaps
    bool isDiscontinuity = false;  // EXT-X-DISCONTINUITY before it
    std::string initName;          // "init-3fa9c1d2.mp4": the EXT-X-MAP in force

    Nanoseconds duration() const;
    std::size_t byteSize() const;
};

struct Init {
    std::string name;  // "init-" + first 8 hex digits of its SHA-256 + ".mp4"
    Buffer bytes;
};

// A text body in the two encodings it is served in. gzip is empty when it would not be smaller.
struct TextBody {
    Buffer plain;
    Buffer gzip;
};

struct RenditionSnapshot {
    RenditionId id;
    media::MediaKind kind = media::MediaKind::Video;
    bool isShed = false;  // its playlist answers 404, its parts go on to be served while stored
    std::vector<Init> inits;
    // Listed segments in ascending order; the last one is open unless its parts are complete.
    std::vector<std::shared_ptr<const Segment>> segments;
    // No longer listed, but fetchable for as long as rfc8216bis §6.2.2 asks; ascending.
    std::vector<std::shared_ptr<const Segment>> removed;
    TextBody playlist;              // the full media playlist
    std::optional<TextBody> delta;  // the delta update; absent when nothing would be skipped
};

// The newest published slot decides what a blocking request waits for.
struct StreamSnapshot {
    media::BroadcastPlan plan;
    std::vector<RenditionSnapshot> renditions;  // as in plan.renditions
    TextBody multivariant;
    media::SlotId newest;  // the last published slot
    bool isEnded = false;  // playlists carry EXT-X-ENDLIST
    media::SlotId hinted;  // the slot of EXT-X-PRELOAD-HINT; after the end, the hint that never comes (204)
    BootTime publishedAt{};

    // Index of the rendition named `id`, or nothing.
    std::optional<std::size_t> find(const std::string& id) const;
};

}  // namespace live::store
