// How one key's value is checked, stored and written back.
#pragma once

#include <chrono>
#include <concepts>
#include <functional>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/error.h"
#include "common/config/value.h"

namespace live::config {

// Why a value was not taken. `suffix` and `position` point inside it: "[1].height".
struct Refusal {
    std::string message;
    std::string suffix = {};
    Position position = {};
};

struct Field {
    std::string accepted;                                      // "a whole number from 0 to 2000"
    std::function<std::vector<Refusal>(const Value&)> assign;  // stores the value; empty: taken
    std::function<std::string()> toml;                         // what is stored now, as a TOML value
    bool isSecret = false;                                     // never written out, not even in errors
};

// A TOML basic string.
std::string quoted(std::string_view text);

// Fields write to `target`, which outlives them.
Field boolean(bool& target);
Field wholeNumber(std::int64_t min, std::int64_t max, std::function<void(std::int64_t)> set,
                  std::function<std::int64_t()> stored);
// `store` checks and stores; its Error's message becomes the refusal.
Field text(std::string accepted, std::function<Result<void>(std::string_view)> store,
           std::function<std::string()> stored);

template <std::integral T>
Field wholeNumber(T& target, std::type_identity_t<T> min, std::type_identity_t<T> max) {
    return wholeNumber(
        static_cast<std::int64_t>(min), static_cast<std::int64_t>(max),
        [&target](std::int64_t value) { target = static_cast<T>(value); },
        [&target] { return static_cast<std::int64_t>(target); });
}

// A whole number of the duration's unit, which the key's name ends with.
template <class Period>
Field duration(std::chrono::duration<std::int64_t, Period>& target, std::int64_t min, std::int64_t max) {
    return wholeNumber(
        min, max, [&target](std::int64_t value) { target = std::chrono::duration<std::int64_t, Period>(value); },
        [&target] { return target.count(); });
}

// Anything that has a parser from text and a way back.
template <class T>
Field parsed(T& target, std::string accepted, std::function<Result<T>(std::string_view)> parse,
             std::function<std::string(const T&)> format) {
    return text(
        std::move(accepted),
        [&target, parse = std::move(parse)](std::string_view value) -> Result<void> {
            target = LIVE_TRY(parse(value));
            return {};
        },
        [&target, format = std::move(format)] { return format(target); });
}

}  // namespace live::config
