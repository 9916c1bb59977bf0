// Where the daemon's listening sockets come from.
#pragma once

#include <string_view>

#include "common/base/error.h"
#include "common/base/file_descriptor.h"
#include "common/net/endpoint.h"
#include "server/daemon/inherited_sockets.h"

namespace live::daemon {

// The socket for the configuration's section `section`: the one inherited for it, or a new one. An error has the key in
// its context and says how to choose another address.
Result<FileDescriptor> listenFor(std::string_view section, const net::Endpoint& endpoint, InheritedSockets& inherited);

}  // namespace live::daemon
