#include "server/origin/hls_query.h"

#include <array>

#include "server/origin/text.h"

namespace live::origin {

namespace {
// No directive's name or value comes near this; longer ones are other people's keys, or wrong.
constexpr std::size_t kMaxDecoded = 32;
constexpr std::size_t kMaxNumberDigits = 20;  // decimal-integer of rfc8216bis §4.2

std::optional<int> hexValue(char c) {
    if (isDigit(c)) return c - '0';
    if (toLower(c) >= 'a' && toLower(c) <= 'f') return toLower(c) - 'a' + 10;
    return std::nullopt;
}

// Percent-decoded text in a fixed buffer.
class Decoded {
public:
    // False for broken encoding and for text that does not fit.
    bool decode(std::string_view text) {
        m_size = 0;
        for (std::size_t i = 0; i < text.size(); ++i) {
            char c = text[i];
            if (c == '%') {
                const auto high = i + 1 < text.size() ? hexValue(text[i + 1]) : std::nullopt;
                const auto low = i + 2 < text.size() ? hexValue(text[i + 2]) : std::nullopt;
                if (!high || !low) return false;
                c = static_cast<char>(*high * 16 + *low);
                i += 2;
            }
            if (m_size == m_text.size()) return false;
            m_text[m_size++] = c;
        }
        return true;
    }
    std::string_view view() const { return {m_text.data(), m_size}; }

private:
    std::array<char, kMaxDecoded> m_text;
    std::size_t m_size = 0;
};

struct Seen {
    bool msn = false;
    bool part = false;
    bool skip = false;
};

Result<void> takeNumber(std::string_view text, bool& seen, std::optional<std::int64_t>& number) {
    if (seen) return fail(ErrorCode::InvalidArgument, "directive given twice");
    seen = true;
    number = parseDecimal(text, kMaxNumberDigits);
    if (!number) return fail(ErrorCode::InvalidArgument, "directive is not a decimal number");
    return {};
}

Result<void> takePair(std::string_view pair, Seen& seen, HlsQuery& query) {
    const std::size_t equals = pair.find('=');
    Decoded key, value;
    if (!key.decode(pair.substr(0, equals)) || !key.view().starts_with("_HLS_")) return {};
    const bool isDirective = key.view() == "_HLS_msn" || key.view() == "_HLS_part" || key.view() == "_HLS_skip";
    if (!isDirective) return {};
    if (equals == std::string_view::npos || !value.decode(pair.substr(equals + 1)))
        return fail(ErrorCode::InvalidArgument, "malformed directive");
    if (key.view() == "_HLS_msn") return takeNumber(value.view(), seen.msn, query.msn);
    if (key.view() == "_HLS_part") return takeNumber(value.view(), seen.part, query.part);
    if (seen.skip) return fail(ErrorCode::InvalidArgument, "directive given twice");
    seen.skip = true;
    if (value.view().empty()) return fail(ErrorCode::InvalidArgument, "malformed directive");
    query.wantsDelta = value.view() == "YES" || value.view() == "v2";
    return {};
}
}  // namespace

Result<HlsQuery> HlsQuery::parse(std::string_view query) {
    if (query.size() > kMaxQueryBytes) return fail(ErrorCode::InvalidArgument, "query too long");
    HlsQuery parsed;
    Seen seen;
    while (!query.empty()) {
        const std::size_t end = query.find('&');
        LIVE_TRY(takePair(query.substr(0, end), seen, parsed));
        if (end == std::string_view::npos) break;
        query.remove_prefix(end + 1);
    }
    if (parsed.part && !parsed.msn) return fail(ErrorCode::InvalidArgument, "_HLS_part without _HLS_msn");
    return parsed;
}

}  // namespace live::origin
