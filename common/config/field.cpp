#include "common/config/field.h"

#include "common/log/json_text.h"

namespace live::config {

namespace {
std::vector<Refusal> wrongType(const Value& value) { return {{"is " + std::string(value.typeName())}}; }
}  // namespace

// JSON's escapes are a subset of TOML's.
std::string quoted(std::string_view text) {
    std::string out;
    log::appendJsonString(out, text);
    return out;
}

Field boolean(bool& target) {
    return {"true or false",
            [&target](const Value& value) -> std::vector<Refusal> {
                const bool* given = std::get_if<bool>(&value.data);
                if (!given) return wrongType(value);
                target = *given;
                return {};
            },
            [&target] { return std::string(target ? "true" : "false"); }};
}

Field wholeNumber(std::int64_t min, std::int64_t max, std::function<void(std::int64_t)> set,
                  std::function<std::int64_t()> stored) {
    return {"a whole number from " + std::to_string(min) + " to " + std::to_string(max),
            [min, max, set = std::move(set)](const Value& value) -> std::vector<Refusal> {
                const auto* given = std::get_if<std::int64_t>(&value.data);
                if (!given) return wrongType(value);
                if (*given < min || *given > max) return {{std::to_string(*given) + " is out of range"}};
                set(*given);
                return {};
            },
            [stored = std::move(stored)] { return std::to_string(stored()); }};
}

Field text(std::string accepted, std::function<Result<void>(std::string_view)> store,
           std::function<std::string()> stored) {
    return {std::move(accepted),
            [store = std::move(store)](const Value& value) -> std::vector<Refusal> {
                const auto* given = std::get_if<std::string>(&value.data);
                if (!given && !value.raw) return wrongType(value);
                const Result<void> taken = store(given ? *given : *value.raw);
                if (!taken) return {{taken.error().message}};
                return {};
            },
            [stored = std::move(stored)] { return config::quoted(stored()); }};
}

}  // namespace live::config
