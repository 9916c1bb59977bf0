// How many connections fit into the descriptors that the process may have.
#pragma once

#include <cstdint>

#include "server/daemon/server_config.h"

namespace live::daemon {

// Lowers `rtmp.max_connections` and `http.max_connections` to what `descriptors` allow, so that viewers cannot take
// what publishers, workers, the mirror's files and the API need. True when it had to.
bool fitConnections(ServerConfig& config, std::uint64_t descriptors);

}  // namespace live::daemon
