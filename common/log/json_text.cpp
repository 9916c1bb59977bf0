#include "common/log/json_text.h"

#include <cstdint>
#include <cstdio>

namespace live::log {

namespace {
bool isContinuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

// The length of the well-formed UTF-8 character that `text` starts with, 0 when there is none (RFC 3629 §4).
std::size_t characterLength(std::string_view text) {
    const auto lead = static_cast<unsigned char>(text[0]);
    if (lead < 0x80) return 1;
    const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || text.size() < length) return 0;
    for (std::size_t i = 1; i < length; ++i)
        if (!isContinuation(text[i])) return 0;
    const auto second = static_cast<unsigned char>(text[1]);
    const bool isOverlong = (lead == 0xE0 && second < 0xA0) || (lead == 0xF0 && second < 0x90);
    const bool isOutOfRange = (lead == 0xED && second > 0x9F) || (lead == 0xF4 && second > 0x8F);
    return isOverlong || isOutOfRange ? 0 : length;
}

void appendEscape(std::string& out, std::uint32_t codePoint) {
    char escape[8];
    std::snprintf(escape, sizeof escape, "\\u%04x", codePoint & 0xFFFF);
    out += escape;
}

void appendCharacter(std::string& out, std::string_view character) {
    const auto first = static_cast<unsigned char>(character[0]);
    switch (first) {
        case '"': out += "\\\""; return;
        case '\\': out += "\\\\"; return;
        case '\n': out += "\\n"; return;
        case '\r': out += "\\r"; return;
        case '\t': out += "\\t"; return;
        default: break;
    }
    if (first < 0x20 || first == 0x7F) return appendEscape(out, first);
    const bool isC1 = first == 0xC2 && static_cast<unsigned char>(character[1]) < 0xA0;
    if (isC1) return appendEscape(out, static_cast<unsigned char>(character[1]));
    out += character;
}
}  // namespace

void appendJsonString(std::string& out, std::string_view text, std::size_t maxBytes) {
    out += '"';
    std::size_t position = 0;
    while (position < text.size()) {
        const std::size_t length = characterLength(text.substr(position));
        const std::size_t step = length == 0 ? 1 : length;
        if (position + step > maxBytes) break;
        if (length == 0) {
            out += "\xEF\xBF\xBD";
        } else {
            appendCharacter(out, text.substr(position, length));
        }
        position += step;
    }
    if (position < text.size()) out += "\xE2\x80\xA6";
    out += '"';
}

}  // namespace live::log
