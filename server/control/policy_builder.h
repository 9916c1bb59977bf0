// The catalog's streams → the policy publishers are checked against.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "common/model/stream.h"
#include "server/stream/policy.h"

namespace live::control {

std::shared_ptr<const stream::Policy> makePolicy(const std::map<std::string, Stream, std::less<>>& streams);

}  // namespace live::control
