// The bytes of a BroadcastPlan: sent to workers in their job, stored in the catalog for a restarted server.
#pragma once

#include "common/base/bytes.h"
#include "common/base/error.h"
#include "server/media/plan.h"

namespace live::media {

// First byte of an encoded plan. Raised with every change; a server reads only its own version.
inline constexpr std::uint8_t kPlanVersion = 1;
inline constexpr std::size_t kMaxPlanBytes = 4096;

// `plan` must be one that decodePlan() would accept.
Bytes encode(const BroadcastPlan& plan);

// The plan, or Unsupported for another version, Protocol for bytes that are not a plan: ids, grid and picture sizes are
// checked, the renditions are 1 to kMaxRungs of video and then one of audio, with different ids.
Result<BroadcastPlan> decodePlan(ByteView bytes);

}  // namespace live::media
