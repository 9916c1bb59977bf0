// TOML 1.0 text to values.
#pragma once

#include <string_view>

#include "common/base/error.h"
#include "common/config/value.h"

namespace live::config {

// A whole file. InvalidArgument with context "line:column" for what is not TOML, TooLarge beyond the bounds of
// toml_guard.h.
Result<Value::Table> parseToml(std::string_view text);

// The value of an override: TOML where it is, otherwise the text itself as a string. What starts like a TOML string,
// array or table has to be one. InvalidArgument.
Result<Value> parseOverride(std::string_view text);

}  // namespace live::config
