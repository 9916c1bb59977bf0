// What an input may be at most.
#pragma once

#include <cstddef>
#include <cstdint>

namespace live {

// Of a coded picture: 8K UHD in either orientation. Larger ones are refused when they are announced, and not decoded.
inline constexpr std::int64_t kMaxInputPixels = std::int64_t{8192} * 4352;

// Of a decoder configuration; real ones have less than 200.
inline constexpr std::size_t kMaxConfigurationBytes = 64 * 1024;

}  // namespace live
