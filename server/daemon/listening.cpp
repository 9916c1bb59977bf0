#include "server/daemon/listening.h"

#include <string>

#include "common/net/listening_socket.h"

namespace live::daemon {

Result<FileDescriptor> listenFor(std::string_view section, const net::Endpoint& endpoint, InheritedSockets& inherited) {
    FileDescriptor passed = inherited.take(section, endpoint.port);
    if (passed.isOpen()) return net::adoptListening(std::move(passed));
    auto socket = net::listenOn(endpoint);
    if (socket) return socket;
    const std::string key = std::string(section) + ".listen";
    return fail(socket.error().code,
                socket.error().describe() + "; to listen elsewhere: --set " + key + "=ADDRESS:PORT", key);
}

}  // namespace live::daemon
