#include "server/control/secrets.h"

namespace live::control {

namespace {

constexpr std::size_t kSlugLength = 40;

std::string slug(std::string_view name) {
    std::string text;
    for (char c : name) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
        const bool isKept = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (isKept)
            text += c;
        else if (!text.empty() && text.back() != '-')
            text += '-';
        if (text.size() == kSlugLength) break;
    }
    while (text.ends_with('-')) text.pop_back();
    return text.empty() ? "stream" : text;
}

std::string randomText(std::size_t bytes) { return toBase32Hex(randomBytes(bytes)); }

}  // namespace

std::string digestOf(std::string_view secret) { return sha256Hex(asBytes(secret)); }

api::IssuedKey makeStreamKey(KeyRole role, UnixTime now) {
    const std::string text = randomText(20);
    return {.record = {.id = "key-" + randomText(10),
                       .role = role,
                       .sha256 = digestOf(text),
                       .hint = text.substr(text.size() - 4),
                       .createdAt = now},
            .text = text};
}

std::string makeToken() { return randomText(32); }

StreamId makeStreamId(std::string_view name) { return *StreamId::parse(slug(name) + "-" + randomText(5)); }

}  // namespace live::control
