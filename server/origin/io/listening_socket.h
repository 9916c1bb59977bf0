// Listening sockets: our own, or one that a supervisor keeps open across restarts.
#pragma once

#include <string>
#include <string_view>

#include "common/base/error.h"
#include "server/origin/io/file_descriptor.h"

namespace live::origin::io {

// Listens on "address:port" ("127.0.0.1:8080", "[::]:0"); port 0 takes a free one. Close-on-exec, non-blocking.
// InvalidArgument for anything but a literal address, Io with the reason.
Result<FileDescriptor> listenOn(std::string_view endpoint);

// Takes over a descriptor that was passed to the process (sd_listen_fds(3)) and makes it close-on-exec and
// non-blocking. InvalidArgument if it is not a listening stream socket; the caller keeps it then.
Result<FileDescriptor> adoptListening(int descriptor);

// "address:port" that the socket is bound to.
Result<std::string> boundEndpoint(const FileDescriptor& socket);

}  // namespace live::origin::io
