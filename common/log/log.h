// The log: one JSON object a line.
//   {"time":"2026-06-30T10:00:24.000Z","level":"info","event":"rtmp.published","stream":"show","bitrate_bps":2800000}
// `event` is a fixed word for machines, dots between parts; what varies goes into fields. Field names carry their unit.
// An error is logged once, where it is decided what happens. Secrets (keys, tokens, URLs that contain them) never.
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include "common/base/clock.h"
#include "common/base/error.h"
#include "common/log/output.h"

namespace live::log {

enum class Level : std::uint8_t { Debug, Info, Warning, Error };

std::string_view toString(Level level);  // "debug", "info", "warning", "error"
Result<Level> parseLevel(std::string_view text);

// A line is at most this long (PIPE_BUF: what a pipe takes whole); fields that have no room are left out and the line
// says "truncated":true. One string value gives at most kMaxValueBytes of its bytes.
inline constexpr std::size_t kMaxLineBytes = 4096;
inline constexpr std::size_t kMaxValueBytes = 1024;

// One name and value. It only views its texts: make it in the call that uses it. NaN and infinities become null.
struct Field {
    using Value = std::variant<bool, std::int64_t, std::uint64_t, double, std::string_view>;

    Field(std::string_view fieldName, bool fieldValue) : name(fieldName), value(fieldValue) {}
    Field(std::string_view fieldName, std::signed_integral auto fieldValue)
        : name(fieldName), value(static_cast<std::int64_t>(fieldValue)) {}
    Field(std::string_view fieldName, std::unsigned_integral auto fieldValue)
        : name(fieldName), value(static_cast<std::uint64_t>(fieldValue)) {}
    Field(std::string_view fieldName, std::floating_point auto fieldValue)
        : name(fieldName), value(static_cast<double>(fieldValue)) {}
    Field(std::string_view fieldName, std::string_view fieldValue) : name(fieldName), value(fieldValue) {}
    Field(std::string_view fieldName, const std::string& fieldValue)
        : name(fieldName), value(std::string_view(fieldValue)) {}
    Field(std::string_view fieldName, const char* fieldValue) : name(fieldName), value(std::string_view(fieldValue)) {}

    std::string_view name;
    Value value;
};

// A value: copies share the output. Any thread.
class Logger {
public:
    // Discards everything.
    Logger() = default;
    // Lines below `level` are not even built. `clock` gives the time of lines and outlives all copies.
    Logger(std::shared_ptr<Output> output, Level level, const Clock& clock);

    // A logger that adds `fields` to each of its lines, before the line's own: ids of a stream, a session.
    Logger with(std::initializer_list<Field> fields) const;

    // Of all loggers with this output.
    std::uint64_t droppedLines() const { return m_output ? m_output->droppedLines() : 0; }

    bool isEnabled(Level level) const { return m_output != nullptr && level >= m_level; }
    void write(Level level, std::string_view event, std::initializer_list<Field> fields) const;

    void debug(std::string_view event, std::initializer_list<Field> fields = {}) const {
        write(Level::Debug, event, fields);
    }
    void info(std::string_view event, std::initializer_list<Field> fields = {}) const {
        write(Level::Info, event, fields);
    }
    void warning(std::string_view event, std::initializer_list<Field> fields = {}) const {
        write(Level::Warning, event, fields);
    }
    void error(std::string_view event, std::initializer_list<Field> fields = {}) const {
        write(Level::Error, event, fields);
    }

private:
    std::shared_ptr<Output> m_output;
    Level m_level = Level::Info;
    const Clock* m_clock = nullptr;
    std::string m_bound;  // fields as JSON, each with a comma before it
};

}  // namespace live::log
