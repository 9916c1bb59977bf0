// Where a decoded picture goes on the frozen canvas of a broadcast. Pure.
#pragma once

#include <cstdint>

#include "common/av/scaler.h"
#include "common/base/time.h"

namespace live::transcode::worker {

struct PictureShape {
    int width = 0;  // stored pixels
    int height = 0;
    Rational sampleAspect{1, 1};  // announced: see media::plausibleAspect()
};

// The largest even-sized rectangle of the picture's display aspect, centred. The whole canvas when the aspects are
// within 1 % or two pixels of each other (odd sizes, rounded pixel aspects): no thin bars.
av::Rectangle fit(const PictureShape& picture, int canvasWidth, int canvasHeight);

}  // namespace live::transcode::worker
