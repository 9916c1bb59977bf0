// Text as a JSON string (RFC 8259 §7), for output that must stay valid whatever a peer sent.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace live::log {

// Appends `text` in quotes. Quotes, backslashes and control characters (also DEL and C1, which terminals obey) are
// escaped; every byte that is not part of well-formed UTF-8 (RFC 3629) becomes U+FFFD. At most `maxBytes` bytes of
// `text` are used, cut at a character; "…" shows that something was cut off.
void appendJsonString(std::string& out, std::string_view text, std::size_t maxBytes = std::string_view::npos);

}  // namespace live::log
