// The [[ladder]] tables of the configuration.
#pragma once

#include <optional>

#include "common/config/field.h"
#include "common/model/ladder.h"

namespace live::daemon {

// An array of tables {height, bitrate_bps}; errors name the rung and the place: "ladder[1].height".
config::Field ladderField(std::optional<Ladder>& target);

}  // namespace live::daemon
