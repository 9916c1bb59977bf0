#include "common/base/ids.h"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>

namespace live {

namespace {
bool isDigit(char c) { return c >= '0' && c <= '9'; }
bool isLower(char c) { return c >= 'a' && c <= 'z'; }
}  // namespace

bool StreamIdTag::isValid(std::string_view text) {
    return !text.empty() && text.size() <= 63 && text.front() != '-' &&
           std::ranges::all_of(text, [](char c) { return isLower(c) || isDigit(c) || c == '-'; });
}

bool BroadcastIdTag::isValid(std::string_view text) {
    return text.size() == 26 && std::ranges::all_of(text, [](char c) { return isDigit(c) || (c >= 'a' && c <= 'v'); });
}

bool RenditionIdTag::isValid(std::string_view text) {
    return text.size() >= 2 && text.size() <= 6 && (text[0] == 'v' || text[0] == 'a') &&
           std::ranges::all_of(text.substr(1), isDigit);
}

std::string toBase32Hex(ByteView bytes) {
    static constexpr char kAlphabet[] = "0123456789abcdefghijklmnopqrstuv";
    std::string text;
    std::uint32_t pending = 0;
    int bits = 0;
    for (std::uint8_t byte : bytes) {
        pending = pending << 8 | byte;
        for (bits += 8; bits >= 5; bits -= 5) text += kAlphabet[pending >> (bits - 5) & 31];
    }
    if (bits > 0) text += kAlphabet[pending << (5 - bits) & 31];
    return text;
}

Bytes randomBytes(std::size_t count) {
    Bytes bytes(count);
    LIVE_ASSERT(RAND_bytes(bytes.data(), static_cast<int>(count)) == 1);
    return bytes;
}

std::string makeUuidV7(UnixTime now) {
    Bytes uuid = randomBytes(16);
    const auto milliseconds =
        static_cast<std::uint64_t>(std::chrono::floor<Milliseconds>(now.time_since_epoch()).count());
    for (std::size_t i = 0; i < 6; ++i) uuid[i] = static_cast<std::uint8_t>(milliseconds >> (40 - 8 * i));
    uuid[6] = static_cast<std::uint8_t>((uuid[6] & 0x0f) | 0x70);
    uuid[8] = static_cast<std::uint8_t>((uuid[8] & 0x3f) | 0x80);
    return toBase32Hex(uuid);
}

BroadcastId makeBroadcastId(UnixTime now) { return *BroadcastId::parse(makeUuidV7(now)); }

std::string sha256Hex(ByteView bytes) {
    std::array<std::uint8_t, 32> digest{};
    unsigned int size = 0;
    LIVE_ASSERT(EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_sha256(), nullptr) == 1);
    return toHex(digest);
}

}  // namespace live
