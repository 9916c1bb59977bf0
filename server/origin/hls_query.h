// The delivery directives of a media playlist request (rfc8216bis §6.2.5).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "common/base/error.h"

namespace live::origin {

struct HlsQuery {
    std::optional<std::int64_t> msn;   // _HLS_msn
    std::optional<std::int64_t> part;  // _HLS_part; never without msn
    bool wantsDelta = false;           // _HLS_skip=YES or v2
    friend bool operator==(const HlsQuery&, const HlsQuery&) = default;

    // `query` is what follows '?', percent-encoded, keys in any order. Keys that are not directives (CMCD among them)
    // are dropped whatever they hold. InvalidArgument, with the reason for a 400: _HLS_part without _HLS_msn; a number
    // that is empty or not 1 to 20 decimal digits; a directive given twice or with broken percent-encoding; more than
    // kMaxQueryBytes. Numbers past int64 become its maximum.
    static Result<HlsQuery> parse(std::string_view query);
};

inline constexpr std::size_t kMaxQueryBytes = 8 * 1024;

}  // namespace live::origin
