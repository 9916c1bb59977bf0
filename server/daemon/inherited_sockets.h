// Listening sockets that outlive the process: the systemd protocol (sd_listen_fds(3)). While they are kept open by the
// service manager, new connections wait through a restart instead of being refused.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace live::daemon {

class InheritedSockets {
public:
    // Reads and removes LISTEN_PID, LISTEN_FDS and LISTEN_FDNAMES, and makes the descriptors close-on-exec. Call once,
    // before any thread or descriptor is made.
    static InheritedSockets fromEnvironment();

    // The socket named `name` in LISTEN_FDNAMES or else the one bound to `port`; each is given out once. The caller
    // owns it.
    std::optional<int> take(std::string_view name, std::uint16_t port);

    // Names of sockets nobody took: a configuration error worth a warning.
    std::vector<std::string> unused() const;

private:
    struct Socket {
        int descriptor;
        std::string name;
        std::uint16_t port;
    };
    std::vector<Socket> m_sockets;
};

}  // namespace live::daemon
