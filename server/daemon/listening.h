// Where the daemon's listening sockets come from.
#pragma once

#include <string_view>

#include "common/base/error.h"
#include "common/base/file_descriptor.h"
#include "common/net/endpoint.h"
#include "server/daemon/inherited_sockets.h"

namespace live::daemon {

// The socket for the configuration's section `section`: the one inherited for it, or a new one. An inherited one that
// is reachable from other machines is refused where `endpoint` is a loopback address: the API, which has no TLS, stays
// on this machine unless api.insecure let api.listen say otherwise. An error has the key in its context and says what
// to do.
Result<FileDescriptor> listenFor(std::string_view section, const net::Endpoint& endpoint, InheritedSockets& inherited);

}  // namespace live::daemon
