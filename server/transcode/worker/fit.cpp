#include "server/transcode/worker/fit.h"

#include <algorithm>
#include <cmath>

#include "server/media/aspect.h"

namespace live::transcode::worker {

namespace {
constexpr double kSameAspect = 0.01;
constexpr double kSamePixels = 2;
constexpr int kSmallest = 16;

int evenWithin(double value, int most) {
    return std::clamp(static_cast<int>(std::lround(value / 2)) * 2, std::min(kSmallest, most), most);
}
}  // namespace

av::Rectangle fit(const PictureShape& picture, int canvasWidth, int canvasHeight) {
    const av::Rectangle whole{0, 0, canvasWidth, canvasHeight};
    if (picture.width <= 0 || picture.height <= 0) return whole;
    const double aspect = media::plausibleAspect(picture.sampleAspect).value() * picture.width / picture.height;
    const double width = std::min<double>(canvasWidth, canvasHeight * aspect);
    const double height = std::min<double>(canvasHeight, canvasWidth / aspect);
    const double bar = std::max(canvasWidth - width, canvasHeight - height);
    const double canvasAspect = static_cast<double>(canvasWidth) / canvasHeight;
    if (bar <= kSamePixels || std::abs(aspect / canvasAspect - 1) <= kSameAspect) return whole;
    av::Rectangle where{0, 0, evenWithin(width, canvasWidth), evenWithin(height, canvasHeight)};
    where.x = (canvasWidth - where.width) / 4 * 2;
    where.y = (canvasHeight - where.height) / 4 * 2;
    return where;
}

}  // namespace live::transcode::worker
