#include "server/media/output_clock.h"

#include <algorithm>

namespace live::media {

namespace {
constexpr std::int64_t kBillion = 1'000'000'000;
// An error is worked off over this time if the slew limit allows it, and below the threshold it is noise.
constexpr Nanoseconds kCorrectionTime = Seconds(10);
constexpr Nanoseconds kNoise = std::chrono::microseconds(200);
}  // namespace

OutputTime ClockMapping::at(BootTime time) const {
    const Nanoseconds elapsed = time - boot;
    return output + elapsed + Nanoseconds(mulDivRound(elapsed.count(), slewPpb, kBillion));
}

BootTime ClockMapping::when(OutputTime time) const {
    return boot + Nanoseconds(mulDivRound((time - output).count(), kBillion, kBillion + slewPpb));
}

OutputClock::Discipline OutputClock::discipline(BootTime now, OutputTime reference) {
    const OutputTime output = at(now);
    const Nanoseconds error = reference - output;
    m_mapping = {now, output, 0};
    if (error >= kStep || error <= -kStep) return Discipline::Stepped;
    if (error > kNoise || error < -kNoise) {
        const std::int64_t wanted = mulDivRound(error.count(), kBillion, kCorrectionTime.count());
        m_mapping.slewPpb = static_cast<std::int32_t>(std::clamp<std::int64_t>(wanted, -kMaxSlewPpb, kMaxSlewPpb));
    }
    return Discipline::Following;
}

}  // namespace live::media
