// Listening sockets that outlive the process: the systemd protocol (sd_listen_fds(3)). While they are kept open by the
// service manager, new connections wait through a restart instead of being refused.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/file_descriptor.h"

namespace live::daemon {

class InheritedSockets {
public:
    // Reads and removes LISTEN_PID, LISTEN_FDS and LISTEN_FDNAMES, and makes the descriptors close-on-exec. What is
    // announced and is no listening socket belongs to somebody else and stays as it is. Call once, before any thread or
    // descriptor is made.
    static InheritedSockets fromEnvironment();

    // The socket named `name` in LISTEN_FDNAMES or else the one bound to `port`; each is given out once. Not open if
    // there is none.
    FileDescriptor take(std::string_view name, std::uint16_t port);

    // Names of sockets nobody took and of descriptors that are no listening sockets: an error in the configuration,
    // here or of whoever passed them, and worth a warning.
    std::vector<std::string> unused() const;

private:
    struct Socket {
        FileDescriptor descriptor;
        std::string name;
        std::uint16_t port;
    };
    std::vector<Socket> m_sockets;
    std::vector<std::string> m_ignored;
};

}  // namespace live::daemon
