// Listening sockets: our own, or one that a service manager keeps open across restarts. Close-on-exec and non-blocking
// from the start, which Boost.Asio's and inherited ones are not: a worker must never inherit one.
#pragma once

#include "common/base/error.h"
#include "common/base/file_descriptor.h"
#include "common/net/endpoint.h"

namespace live::net {

// Listens with TCP on `endpoint`; port 0 takes a free one, "[::]" takes IPv4 as well. Io with the endpoint and the
// reason.
Result<FileDescriptor> listenOn(const Endpoint& endpoint);

// Io: why bind(2) or listen(2) failed with errno `reason`, and what helps.
std::unexpected<Error> cannotListen(int reason, const Endpoint& endpoint);

// Makes a socket that was passed to the process (sd_listen_fds(3)) fit for use here. InvalidArgument if it is not a
// listening TCP socket; it is closed then.
Result<FileDescriptor> adoptListening(FileDescriptor socket);

// What `socket` is bound to, with the port that the system chose.
Result<Endpoint> boundEndpoint(const FileDescriptor& socket);

}  // namespace live::net
