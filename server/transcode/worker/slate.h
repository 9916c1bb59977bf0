// The built-in still: what viewers see while the server has nothing to show.
#pragma once

#include "common/av/ptr.h"

namespace live::transcode::worker {

// Draws over the whole picture (8-bit 4:2:0): a dark ground with a soft light and a ring, the same proportions at any
// size.
void drawSlate(AVFrame& picture);

}  // namespace live::transcode::worker
