// A listening socket on a free port of the loopback interface.
#pragma once

#include "common/net/listening_socket.h"

namespace live::test {

inline FileDescriptor loopbackSocket() {
    auto socket = net::listenOn({"127.0.0.1", 0});
    LIVE_ASSERT(socket.has_value());
    return std::move(*socket);
}

}  // namespace live::test
