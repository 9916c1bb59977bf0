// Sample aspect ratios as broadcasters announce them.
#pragma once

#include "common/base/time.h"

namespace live::media {

// As announced, or square for what no camera makes: outside 1:10 to 10:1, 0, a denominator of 0. Planning a broadcast
// and fitting its pictures must agree on this.
inline Rational plausibleAspect(Rational announced) {
    const std::uint64_t wide = announced.numerator;
    const std::uint64_t tall = announced.denominator;
    const bool isPlausible = wide > 0 && tall > 0 && wide <= 10 * tall && tall <= 10 * wide;
    return isPlausible ? announced : Rational{1, 1};
}

}  // namespace live::media
