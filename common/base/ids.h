// Identifiers as types: a stream id cannot be passed where a broadcast id is meant.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "common/base/bytes.h"
#include "common/base/error.h"
#include "common/base/time.h"

namespace live {

// A value that has been checked by its `parse`; an empty one means "none".
template <class Tag>
class Id {
public:
    Id() = default;
    static Result<Id> parse(std::string_view text) {
        if (!Tag::isValid(text)) return fail(ErrorCode::InvalidArgument, std::string(Tag::kRule));
        return Id(text);
    }
    const std::string& text() const { return m_text; }
    bool empty() const { return m_text.empty(); }
    friend auto operator<=>(const Id&, const Id&) = default;

private:
    explicit Id(std::string_view text) : m_text(text) {}
    std::string m_text;
};

struct StreamIdTag {
    static constexpr std::string_view kRule =
        "a stream id has 1 to 63 characters a-z, 0-9 or '-' and does not start with '-'";
    static bool isValid(std::string_view text);
};
struct BroadcastIdTag {
    static constexpr std::string_view kRule = "a broadcast id has 26 characters 0-9 or a-v";
    static bool isValid(std::string_view text);
};
struct RenditionIdTag {
    static constexpr std::string_view kRule = "a rendition id is 'v' or 'a' and 1 to 5 digits";
    static bool isValid(std::string_view text);
};

using StreamId = Id<StreamIdTag>;        // chosen or made at create, never reused
using BroadcastId = Id<BroadcastIdTag>;  // one publish-to-end run of a stream
using RenditionId = Id<RenditionIdTag>;  // "v720", "a0"

// RFC 4648 §7 base32hex, lower case, no padding: text sorts as the bytes do.
std::string toBase32Hex(ByteView bytes);

// `count` bytes from the system's generator.
Bytes randomBytes(std::size_t count);

// A UUIDv7 (RFC 9562 §5.7) as 26 characters of base32hex: sorts by time of creation.
std::string makeUuidV7(UnixTime now);
BroadcastId makeBroadcastId(UnixTime now);

// Lower-case hex of the SHA-256 of `bytes`. What keys and tokens are stored and looked up as.
std::string sha256Hex(ByteView bytes);

}  // namespace live

template <class Tag>
struct std::hash<live::Id<Tag>> {
    std::size_t operator()(const live::Id<Tag>& id) const { return std::hash<std::string>()(id.text()); }
};
