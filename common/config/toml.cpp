#include "common/config/toml.h"

#include <algorithm>

#include "common/config/toml_guard.h"

// The library is compiled into this file only. Values nested deeper than this are no configuration of ours.
#define TOML_EXCEPTIONS 0
#define TOML_HEADER_ONLY 1
#define TOML_ENABLE_FORMATTERS 0
#define TOML_MAX_NESTED_VALUES 8
// Its assertions are wrong about hostile input ("[+") and it handles what they deny; with NDEBUG they become promises
// to the compiler.
#undef NDEBUG
#define TOML_ASSERT(expression) static_cast<void>(0)
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
}  // namespace

std::string_view Value::typeName() const {
    static constexpr std::string_view kNames[] = {"true or false",  "a whole number", "a fraction", "a string",
                                                  "a date or time", "an array",       "a table"};
    return kNames[data.index()];
}

Result<Value::Table> parseToml(std::string_view text) {
    LIVE_TRY(checkTomlText(text));
    const toml::parse_result parsed = toml::parse(text);
    if (!parsed)
        return fail(ErrorCode::InvalidArgument, std::string(parsed.error().description()),
                    contextOf(parsed.error().source().begin));
    return converted(parsed.table());
}

Result<Value> parseOverride(std::string_view text) {
    if (text.size() > kMaxLineBytes) return fail(ErrorCode::TooLarge, "has more than 1024 bytes");
    Value value;
    bool isToml = false;
    if (const std::string assignment = "v = " + std::string(text); checkTomlText(assignment)) {
        const toml::parse_result parsed = toml::parse(assignment);
        isToml = parsed && parsed.table().size() == 1;
        if (isToml) value = converted(*parsed.table().get("v"));
    }
    if (!isToml && (text.starts_with('"') || text.starts_with('\'')))
        return fail(ErrorCode::InvalidArgument, "is not a complete TOML string");
    if (!isToml) value.data = std::string(text);
    value.position = {};
    value.raw = std::string(text);
    return value;
}

}  // namespace live::config
