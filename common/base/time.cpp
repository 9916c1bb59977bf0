#include "common/base/time.h"

#include <cstdio>
#include <ctime>

namespace live {

namespace {
__extension__ using Wide = __int128;

std::int64_t floorDivide(Wide a, Wide b) {
    Wide quotient = a / b;
    if (a % b < 0) --quotient;
    return static_cast<std::int64_t>(quotient);
}
}  // namespace

std::int64_t mulDivFloor(std::int64_t a, std::int64_t b, std::int64_t c) { return floorDivide(Wide(a) * b, c); }
std::int64_t mulDivCeil(std::int64_t a, std::int64_t b, std::int64_t c) { return floorDivide(Wide(a) * b + c - 1, c); }
std::int64_t mulDivRound(std::int64_t a, std::int64_t b, std::int64_t c) {
    return floorDivide(Wide(a) * b * 2 + c, Wide(c) * 2);
}

std::string toRfc3339(Nanoseconds sinceEpoch) {
    const auto milliseconds = std::chrono::floor<Milliseconds>(sinceEpoch).count();
    const std::time_t seconds = floorDivide(milliseconds, 1000);
    std::tm utc{};
    gmtime_r(&seconds, &utc);
    char text[64];
    std::snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", utc.tm_year + 1900, utc.tm_mon + 1,
                  utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec, static_cast<int>(milliseconds - seconds * 1000));
    return text;
}

}  // namespace live
