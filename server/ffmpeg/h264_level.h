// Levels of H.264 (ITU-T H.264 table A-1) for the High profile.
#pragma once

#include <cstdint>

#include "server/media/plan.h"

namespace live::ffmpeg {

// The lowest level_idc (31 is 3.1) whose limits hold picture size, macroblock rate, bitrate and buffer of a rendition.
// 62 when none does.
int h264Level(const media::Rendition& rendition, media::FrameRate rate);

}  // namespace live::ffmpeg
