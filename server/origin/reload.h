// Blocking playlist reload (rfc8216bis §6.2.5.2): what a playlist request with directives has to wait for.
#pragma once

#include <cstdint>

#include "common/base/time.h"
#include "server/origin/hls_query.h"
#include "server/store/snapshot.h"

namespace live::origin {

enum class Reload : std::uint8_t {
    Ready,  // the snapshot satisfies the request, or is later than what it asks for
    Wait,
    TooFar,  // more than two segments, or more than three seconds of parts, ahead: 400
};

// Pure. A part index past the end of a closed segment means the first part of the next one, so a request can change
// its meaning while it waits: evaluate again with every snapshot. An ended snapshot satisfies everything.
Reload evaluateReload(const HlsQuery& query, const store::StreamSnapshot& snapshot);

// The newest part is the very one that was asked for: the answer to this query will never be a newer playlist's, so
// caches may keep it. A client that asks for what is older gets what is newest now, and must not get that again later
// (Video.js asks so: its player froze for as long as the browser's cache answered it).
bool isExactAnswer(const HlsQuery& query, const store::StreamSnapshot& snapshot);

// The number of the last segment that is complete.
std::int64_t lastClosedSegment(const store::StreamSnapshot& snapshot);

// How long a request may be held: three target durations, at most 10 s.
Nanoseconds holdLimit(const media::Grid& grid);

// A live playlist that has not grown for the longer of one and a half segments and six parts is stale.
bool isStale(const store::StreamSnapshot& snapshot, BootTime now);

}  // namespace live::origin
