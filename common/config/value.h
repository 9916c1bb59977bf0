// A configuration value as written: plain data, free of the TOML library.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace live::config {

// Counted from 1; 0 where there is no line (environment, command line).
struct Position {
    std::uint32_t line = 0;
    std::uint32_t column = 0;
};

struct DateOrTime {};  // no key takes one

struct Entry;

struct Value {
    using Array = std::vector<Value>;
    using Table = std::vector<Entry>;  // in the order of the file

    std::variant<bool, std::int64_t, double, std::string, DateOrTime, Array, Table> data;
    Position position{};
    // The text of an override, for keys that take a string: `--set public.http_url=http://x` and a key named "1985"
    // need no quotes.
    std::optional<std::string> raw = std::nullopt;

    std::string_view typeName() const;  // "a whole number", "a string", …
};

struct Entry {
    std::string key;
    Position position;  // of the key
    Value value;
};

}  // namespace live::config
