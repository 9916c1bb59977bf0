// Text made of pieces: GCC 12 has no <format>.
#pragma once

#include <concepts>
#include <string>
#include <string_view>

namespace live::package {

inline void appendPiece(std::string& out, std::string_view piece) { out += piece; }
inline void appendPiece(std::string& out, std::integral auto piece) { out += std::to_string(piece); }

// joined("frame ", 7, " of ", name)
template <class... Pieces>
std::string joined(const Pieces&... pieces) {
    std::string out;
    (appendPiece(out, pieces), ...);
    return out;
}

}  // namespace live::package
