// The three time lines, as types that cannot be mixed up.
//   BootTime    CLOCK_BOOTTIME: monotonic, runs through suspend; deadlines, arrival, the output timer.
//   UnixTime    the system clock: only for what people and certificates need; may step.
//   OutputTime  the media time line of broadcasts: nanoseconds since the Unix epoch on the output clock
//               (server/media/output_clock.h); slewed, never stepped. Grid, tfdt and PROGRAM-DATE-TIME are in it.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <string>

namespace live {

using Nanoseconds = std::chrono::nanoseconds;
using Milliseconds = std::chrono::milliseconds;
using Seconds = std::chrono::seconds;

namespace detail {
template <class Tag>
struct TimeLine {
    using rep = std::int64_t;
    using period = std::nano;
    using duration = Nanoseconds;
    using time_point = std::chrono::time_point<TimeLine, Nanoseconds>;
    static constexpr bool is_steady = true;
};
}  // namespace detail

using BootTime = detail::TimeLine<struct BootTag>::time_point;
using UnixTime = detail::TimeLine<struct UnixTag>::time_point;
using OutputTime = detail::TimeLine<struct OutputTag>::time_point;

// A reduced fraction of two positive numbers: frame rates, sample aspect ratios.
struct Rational {
    std::uint32_t numerator = 0;
    std::uint32_t denominator = 1;
    friend bool operator==(const Rational&, const Rational&) = default;
    double value() const { return static_cast<double>(numerator) / denominator; }
};

// `value` ticks of 1/timescale second.
struct MediaTime {
    std::int64_t value = 0;
    std::uint32_t timescale = 1;
};

// a * b / c without overflow of the product, rounded towards negative infinity / positive infinity / to nearest
// (halves up). c > 0.
std::int64_t mulDivFloor(std::int64_t a, std::int64_t b, std::int64_t c);
std::int64_t mulDivCeil(std::int64_t a, std::int64_t b, std::int64_t c);
std::int64_t mulDivRound(std::int64_t a, std::int64_t b, std::int64_t c);

// "2026-06-30T10:00:24.000Z": UTC with milliseconds (RFC 3339), the form of PROGRAM-DATE-TIME and of the API.
std::string toRfc3339(Nanoseconds sinceEpoch);
inline std::string toRfc3339(UnixTime time) { return toRfc3339(time.time_since_epoch()); }
inline std::string toRfc3339(OutputTime time) { return toRfc3339(time.time_since_epoch()); }

}  // namespace live
