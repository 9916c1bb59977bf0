#include "server/ffmpeg/h264_level.h"

#include <algorithm>
#include <array>

namespace live::ffmpeg {

namespace {

struct Level {
    int idc;
    std::int64_t macroblocksPerSecond;
    std::int64_t macroblocks;
    std::int64_t kilobits;        // MaxBR, Baseline and Main; High has 1.25 of it
    std::int64_t bufferKilobits;  // MaxCPB, likewise
};

constexpr std::array<Level, 19> kLevels{{{10, 1485, 99, 64, 175},
                                         {11, 3000, 396, 192, 500},
                                         {12, 6000, 396, 384, 1000},
                                         {13, 11880, 396, 768, 2000},
                                         {20, 11880, 396, 2000, 2000},
                                         {21, 19800, 792, 4000, 4000},
                                         {22, 20250, 1620, 4000, 4000},
                                         {30, 40500, 1620, 10000, 10000},
                                         {31, 108000, 3600, 14000, 14000},
                                         {32, 216000, 5120, 20000, 20000},
                                         {40, 245760, 8192, 20000, 25000},
                                         {41, 245760, 8192, 50000, 62500},
                                         {42, 522240, 8704, 50000, 62500},
                                         {50, 589824, 22080, 135000, 135000},
                                         {51, 983040, 36864, 240000, 240000},
                                         {52, 2073600, 36864, 240000, 240000},
                                         {60, 4177920, 139264, 240000, 240000},
                                         {61, 8355840, 139264, 480000, 480000},
                                         {62, 16711680, 139264, 800000, 800000}}};
constexpr std::int64_t kHighProfileBits = 1250;  // bits for a kilobit of the table

}  // namespace

int h264Level(const media::Rendition& rendition, media::FrameRate rate) {
    const std::int64_t wide = (rendition.width + 15) / 16;
    const std::int64_t tall = (rendition.height + 15) / 16;
    const std::int64_t perSecond = mulDivCeil(wide * tall, rate.numerator, rate.denominator);
    const auto holds = [&](const Level& level) {
        const std::int64_t longestSide = std::max(wide, tall);
        return wide * tall <= level.macroblocks && perSecond <= level.macroblocksPerSecond &&
               longestSide * longestSide <= 8 * level.macroblocks &&
               std::max(rendition.maxBitrate, rendition.bitrate) <= level.kilobits * kHighProfileBits &&
               rendition.vbvBits <= level.bufferKilobits * kHighProfileBits;
    };
    const auto found = std::ranges::find_if(kLevels, holds);
    return found == kLevels.end() ? kLevels.back().idc : found->idc;
}

}  // namespace live::ffmpeg
