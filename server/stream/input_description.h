// What the tracks of an input tell: codec, size, sample rate. Says who has to change what if it can't be taken.
#pragma once

#include "common/base/error.h"
#include "server/media/packet.h"
#include "server/stream/live_plane.h"

namespace live::stream {

// Fills in what the track tells; the error is a sentence for the broadcaster.
Result<void> describeTrack(const media::Track& track, InputStats& description);

}  // namespace live::stream
