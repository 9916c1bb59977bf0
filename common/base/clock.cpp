#include "common/base/clock.h"

#include <ctime>

namespace live {

namespace {
Nanoseconds read(clockid_t clock) {
    timespec now{};
    clock_gettime(clock, &now);
    return Seconds(now.tv_sec) + Nanoseconds(now.tv_nsec);
}
}  // namespace

BootTime SystemClock::boot() const { return BootTime(read(CLOCK_BOOTTIME)); }
UnixTime SystemClock::unix() const { return UnixTime(read(CLOCK_REALTIME)); }

}  // namespace live
