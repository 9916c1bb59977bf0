// The query of GET /api/v1/streams, checked.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "common/api/problem.h"
#include "server/control/catalog_service.h"

namespace live::control {

// q, state, enabled, limit (1 to 500, default 50) and cursor, each at most once; 422 names what is wrong.
api::Outcome<StreamQuery> parseStreamQuery(const std::vector<std::pair<std::string, std::string>>& parameters);

}  // namespace live::control
