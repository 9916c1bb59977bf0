// Where the daemon's listening sockets come from.
#pragma once

#include <string_view>

#include "common/config/endpoint.h"
#include "server/daemon/inherited_sockets.h"
#include "server/origin/io/file_descriptor.h"

namespace live::daemon {

// The socket for the configuration's section `section`: the one inherited for it, or a new one. An error has the key in
// its context and says how to choose another address.
Result<origin::io::FileDescriptor> listenFor(std::string_view section, const config::Endpoint& endpoint,
                                             InheritedSockets& inherited);

}  // namespace live::daemon
