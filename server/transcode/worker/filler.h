// The filler segment of a broadcast: slate and silence that stand in where nothing was produced (a restarted server).
#pragma once

#include <stop_token>

#include "common/base/clock.h"
#include "server/media/plan.h"
#include "server/transcode/worker/output.h"

namespace live::transcode::worker {

// Encodes, per rendition, as many frames as the longest segment of the plan's grid can have, with the settings of the
// broadcast, and sends them as filler packets numbered from 0; the first one is a key frame. Returns early when asked
// to stop.
Result<void> encodeFiller(const media::BroadcastPlan& plan, Output& output, const Clock& clock,
                          const std::stop_token& stop);

// The calling thread yields to all others of the machine that have normal priority.
void lowerThreadPriority();

}  // namespace live::transcode::worker
