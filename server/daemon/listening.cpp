#include "server/daemon/listening.h"

#include <string>

#include "server/origin/io/listening_socket.h"

namespace live::daemon {

Result<origin::io::FileDescriptor> listenFor(std::string_view section, const config::Endpoint& endpoint,
                                             InheritedSockets& inherited) {
    if (const auto descriptor = inherited.take(section, endpoint.port)) return origin::io::adoptListening(*descriptor);
    auto socket = origin::io::listenOn(endpoint.text());
    if (socket) return socket;
    const std::string key = std::string(section) + ".listen";
    return fail(socket.error().code,
                socket.error().describe() + "; to listen elsewhere: --set " + key + "=ADDRESS:PORT", key);
}

}  // namespace live::daemon
