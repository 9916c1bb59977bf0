#include "server/transcode/worker/slate.h"

#include <algorithm>
#include <cmath>

namespace live::transcode::worker {

namespace {

// In units of the short side.
constexpr double kRingRadius = 0.16;
constexpr double kRingWidth = 0.018;
constexpr double kDotRadius = 0.045;
constexpr double kGlowRadius = 0.75;
// Y'CbCr, BT.709 limited: a blue-grey ground, a light ring.
constexpr double kGround = 24, kGlow = 16, kLight = 150;
constexpr double kGroundCb = 134, kGroundCr = 125, kNeutral = 128;

double covered(double distance, double radius, double halfWidth, double pixel) {
    return std::clamp((halfWidth - std::abs(distance - radius)) / pixel + 0.5, 0.0, 1.0);
}

}  // namespace

void drawSlate(AVFrame& picture) {
    const double unit = std::min(picture.width, picture.height);
    for (int plane = 0; plane < 3; ++plane) {
        const int step = plane == 0 ? 1 : 2;
        const double ground = plane == 1 ? kGroundCb : kGroundCr;
        for (int row = 0; row < picture.height / step; ++row) {
            std::uint8_t* line = picture.data[plane] + std::ptrdiff_t{row} * picture.linesize[plane];
            for (int column = 0; column < picture.width / step; ++column) {
                const double x = ((column + 0.5) * step - picture.width / 2.0) / unit;
                const double y = ((row + 0.5) * step - picture.height / 2.0) / unit;
                const double distance = std::hypot(x, y);
                const double pixel = step / unit;
                const double mark = std::max(covered(distance, kRingRadius, kRingWidth / 2, pixel),
                                             covered(distance, 0, kDotRadius, pixel));
                const double glow = std::max(0.0, 1 - distance / kGlowRadius);
                const double luma = (kGround + kGlow * glow * glow) * (1 - mark) + kLight * mark;
                const double value = plane == 0 ? luma : ground * (1 - mark) + kNeutral * mark;
                line[column] = static_cast<std::uint8_t>(std::lround(value));
            }
        }
    }
}

}  // namespace live::transcode::worker
