// <state-dir>/admin.token: the one place where a token is written down.
#pragma once

#include <filesystem>
#include <string>

#include "common/base/error.h"

namespace live::control {

// The token in `file`; if there is no such file, a new token, durable in it with mode 0600 when this returns. Blocks
// for one fsync. InvalidArgument if what is there is not a token or others may read it.
Result<std::string> readOrMakeTokenFile(const std::filesystem::path& file);

}  // namespace live::control
