#include "common/log/log.h"

#include <array>
#include <charconv>
#include <cmath>

#include "common/log/json_text.h"

namespace live::log {

namespace {
// Room for the closing of a line: ,"truncated":true}\n
constexpr std::string_view kTruncated = ",\"truncated\":true";
constexpr std::size_t kRoomForFields = kMaxLineBytes - kTruncated.size() - 2;

void append(std::string& out, bool value) { out += value ? "true" : "false"; }
void append(std::string& out, std::int64_t value) { out += std::to_string(value); }
void append(std::string& out, std::uint64_t value) { out += std::to_string(value); }
void append(std::string& out, double value) {
    if (!std::isfinite(value)) {
        out += "null";
        return;
    }
    std::array<char, 32> text{};
    const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
    out.append(text.data(), end);
}
void append(std::string& out, std::string_view value) { appendJsonString(out, value, kMaxValueBytes); }

// False when the field would make `line` longer than a line may be; `line` is unchanged then.
bool appendField(std::string& line, const Field& field) {
    const std::size_t before = line.size();
    line += ',';
    append(line, field.name);
    line += ':';
    std::visit([&line](auto value) { append(line, value); }, field.value);
    if (line.size() <= kRoomForFields) return true;
    line.resize(before);
    return false;
}
}  // namespace

std::string_view toString(Level level) {
    switch (level) {
        case Level::Debug: return "debug";
        case Level::Info: return "info";
        case Level::Warning: return "warning";
        case Level::Error: return "error";
    }
    return "error";
}

Result<Level> parseLevel(std::string_view text) {
    for (Level level : {Level::Debug, Level::Info, Level::Warning, Level::Error})
        if (toString(level) == text) return level;
    return fail(ErrorCode::InvalidArgument,
                "'" + std::string(text) + "' is not one of 'debug', 'info', 'warning', 'error'");
}

Logger::Logger(std::shared_ptr<Output> output, Level level, const Clock& clock)
    : m_output(std::move(output)), m_level(level), m_clock(&clock) {}

Logger Logger::with(std::initializer_list<Field> fields) const {
    Logger child = *this;
    for (const Field& field : fields) appendField(child.m_bound, field);
    return child;
}

void Logger::write(Level level, std::string_view event, std::initializer_list<Field> fields) const {
    if (!isEnabled(level)) return;
    std::string line = "{\"time\":\"" + toRfc3339(m_clock->unix()) + "\",\"level\":\"";
    line += toString(level);
    line += "\",\"event\":";
    append(line, event);
    bool isWhole = line.size() + m_bound.size() <= kRoomForFields;
    if (isWhole) line += m_bound;
    for (const Field& field : fields) isWhole &= appendField(line, field);
    if (!isWhole) line += kTruncated;
    line += "}\n";
    m_output->write(line);
}

}  // namespace live::log
