// What an input may be at most.
#pragma once

#include <cstdint>

namespace live {

// Of a coded picture: 8K UHD in either orientation. Larger ones are refused when they are announced, and not decoded.
inline constexpr std::int64_t kMaxInputPixels = std::int64_t{8192} * 4352;

}  // namespace live
