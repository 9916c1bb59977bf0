#include "common/config/toml.h"

#include <algorithm>

// The library is compiled into this file only. Values nested deeper than this are no configuration of ours.
#define TOML_EXCEPTIONS 0
#define TOML_HEADER_ONLY 1
#define TOML_ENABLE_FORMATTERS 0
#define TOML_MAX_NESTED_VALUES 8
#include <toml++/toml.h>

namespace live::config {

namespace {
Position positionOf(const toml::source_region& region) { return {region.begin.line, region.begin.column}; }

std::string contextOf(const toml::source_position& position) {
    return std::to_string(position.line) + ":" + std::to_string(position.column);
}

Value converted(const toml::node& node);

Value::Table converted(const toml::table& table) {
    Value::Table entries;
    entries.reserve(table.size());
    for (const auto& [key, node] : table)
        entries.push_back({std::string(key.str()), positionOf(key.source()), converted(node)});
    // The library sorts by name; errors read better in the order of the file.
    std::ranges::stable_sort(entries, [](const Entry& a, const Entry& b) {
        return std::pair(a.position.line, a.position.column) < std::pair(b.position.line, b.position.column);
    });
    return entries;
}

Value converted(const toml::node& node) {
    Value value{DateOrTime{}, positionOf(node.source())};
    if (const auto* boolean = node.as_boolean()) {
        value.data = boolean->get();
    } else if (const auto* integer = node.as_integer()) {
        value.data = integer->get();
    } else if (const auto* number = node.as_floating_point()) {
        value.data = number->get();
    } else if (const auto* text = node.as_string()) {
        value.data = text->get();
    } else if (const auto* table = node.as_table()) {
        value.data = converted(*table);
    } else if (const auto* array = node.as_array()) {
        Value::Array values;
        for (const toml::node& element : *array) values.push_back(converted(element));
        value.data = std::move(values);
    }
    return value;
}

// A key of a thousand dots makes tables a thousand deep, and the library walks them recursively.
Result<void> checkBounds(std::string_view text) {
    if (text.size() > kMaxFileBytes) return fail(ErrorCode::TooLarge, "more than 256 KiB of configuration");
    std::size_t start = 0;
    for (std::size_t line = 1; start < text.size(); ++line) {
        const std::size_t end = std::min(text.find('\n', start), text.size());
        if (end - start > kMaxLineBytes)
            return fail(ErrorCode::TooLarge, "a line of more than 1024 bytes", std::to_string(line) + ":1");
        start = end + 1;
    }
    return {};
}
}  // namespace

std::string_view Value::typeName() const {
    static constexpr std::string_view kNames[] = {"true or false",  "a whole number", "a fraction", "a string",
                                                  "a date or time", "an array",       "a table"};
    return kNames[data.index()];
}

Result<Value::Table> parseToml(std::string_view text) {
    LIVE_TRY(checkBounds(text));
    const toml::parse_result parsed = toml::parse(text);
    if (!parsed)
        return fail(ErrorCode::InvalidArgument, std::string(parsed.error().description()),
                    contextOf(parsed.error().source().begin));
    return converted(parsed.table());
}

Result<Value> parseOverride(std::string_view text) {
    LIVE_TRY(checkBounds(text));
    const toml::parse_result parsed = toml::parse("v = " + std::string(text));
    Value value;
    if (parsed && parsed.table().size() == 1) {
        value = converted(*parsed.table().get("v"));
    } else if (!text.empty() && (text.front() == '"' || text.front() == '\'')) {
        return fail(ErrorCode::InvalidArgument, "has a quote that is not closed");
    } else {
        value.data = std::string(text);
    }
    value.position = {};
    value.raw = std::string(text);
    return value;
}

}  // namespace live::config
