#include "common/config/toml_guard.h"

#include <cstdint>
#include <string>

namespace live::config {

namespace {
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// Follows the text just as far as to know whether a byte is inside a string or a comment.
class Scanner {
public:
    Result<void> scan(std::string_view text) {
        for (std::size_t i = text.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0; i < text.size(); ++i) {
            if (text[i] == '\n') {
                nextLine();
                continue;
            }
            ++m_column;
            if (m_column > kMaxLineBytes) return refuse(ErrorCode::TooLarge, "a line of more than 1024 bytes");
            if (const char* reason = take(text.substr(i))) return refuse(ErrorCode::InvalidArgument, reason);
        }
        return {};
    }

private:
    enum class State : std::uint8_t { Plain, Comment, BasicString, LiteralString };

    void nextLine() {
        ++m_line;
        m_column = 0;
        m_state = State::Plain;  // a string that is still open is refused by the parser
        m_isEscaped = false;
    }

    // What is wrong with the byte that `rest` starts with, or nothing.
    const char* take(std::string_view rest) {
        const auto byte = static_cast<unsigned char>(rest[0]);
        if ((byte < 0x20 && byte != '\t' && byte != '\r') || byte == 0x7F) return "a control character";
        switch (m_state) {
            case State::Plain: return takePlain(rest);
            case State::Comment: break;
            case State::LiteralString:
                if (byte == '\'') m_state = State::Plain;
                break;
            case State::BasicString:
                if (byte == '"' && !m_isEscaped) m_state = State::Plain;
                m_isEscaped = byte == '\\' && !m_isEscaped;
                break;
        }
        return nullptr;
    }

    const char* takePlain(std::string_view rest) {
        if (static_cast<unsigned char>(rest[0]) >= 0x80) return "a character that is only allowed in quotes";
        if (rest.starts_with("\"\"\"") || rest.starts_with("'''"))
            return "a string of several lines, which no key takes";
        if (rest[0] == '#') m_state = State::Comment;
        if (rest[0] == '"') m_state = State::BasicString;
        if (rest[0] == '\'') m_state = State::LiteralString;
        return nullptr;
    }

    std::unexpected<Error> refuse(ErrorCode code, const char* reason) const {
        return fail(code, reason, std::to_string(m_line) + ":" + std::to_string(m_column));
    }

    State m_state = State::Plain;
    bool m_isEscaped = false;
    std::size_t m_line = 1;
    std::size_t m_column = 0;
};
}  // namespace

Result<void> checkTomlText(std::string_view text) {
    if (text.size() > kMaxFileBytes) return fail(ErrorCode::TooLarge, "more than 256 KiB of configuration");
    return Scanner().scan(text);
}

}  // namespace live::config
