#include "server/daemon/listening.h"

#include <string>

#include "common/net/listening_socket.h"

namespace live::daemon {

namespace {

// A loopback address in the configuration is a promise that nobody from outside gets in.
Result<FileDescriptor> adopt(FileDescriptor passed, const net::Endpoint& configured, const std::string& key) {
    FileDescriptor socket = LIVE_TRY(net::adoptListening(std::move(passed)));
    const net::Endpoint bound = LIVE_TRY(net::boundEndpoint(socket));
    if (configured.isLoopback() && !bound.isLoopback())
        return fail(ErrorCode::InvalidArgument,
                    "the socket passed for " + configured.text() + " is on " + bound.text() +
                        ", which other machines reach; if they are to: --set " + key + "=" + bound.text(),
                    key);
    return socket;
}

}  // namespace

Result<FileDescriptor> listenFor(std::string_view section, const net::Endpoint& endpoint, InheritedSockets& inherited) {
    const std::string key = std::string(section) + ".listen";
    FileDescriptor passed = inherited.take(section, endpoint.port);
    if (passed.isOpen()) return adopt(std::move(passed), endpoint, key);
    auto socket = net::listenOn(endpoint);
    if (socket) return socket;
    return fail(socket.error().code,
                socket.error().describe() + "; to listen elsewhere: --set " + key + "=ADDRESS:PORT", key);
}

}  // namespace live::daemon
