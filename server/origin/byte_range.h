// The Range header of a media request (RFC 9110 §14).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>

namespace live::origin {

// One range of "bytes=a-b", "bytes=a-" or "bytes=-n".
struct ByteRange {
    std::optional<std::uint64_t> first;  // absent: the last `last` bytes
    std::optional<std::uint64_t> last;   // inclusive; absent: to the end
    friend bool operator==(const ByteRange&, const ByteRange&) = default;

    struct Slice {
        std::uint64_t offset = 0;
        std::uint64_t count = 0;
        friend bool operator==(const Slice&, const Slice&) = default;
    };
    struct Unsatisfiable {
        friend bool operator==(const Unsatisfiable&, const Unsatisfiable&) = default;
    };

    // Nothing, which means "answer 200 with everything", for another unit, several ranges, and anything malformed
    // (RFC 9110 §14.2 lets a server ignore those). Positions past int64 become its maximum, so that
    // "to the end" may be written as 9007199254740991, as HLS clients do, or worse.
    static std::optional<ByteRange> parse(std::string_view header);

    // The bytes of a representation of `length` bytes; never more than there are.
    std::variant<Slice, Unsatisfiable> resolve(std::uint64_t length) const;
};

}  // namespace live::origin
