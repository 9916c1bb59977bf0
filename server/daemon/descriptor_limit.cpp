#include "server/daemon/descriptor_limit.h"

#include <algorithm>

namespace live::daemon {

namespace {
// The API's connections, and per broadcast its worker's link and the mirror's files.
constexpr std::uint64_t kForTheRest = 768;
constexpr std::uint64_t kLeastForConnections = 64;
}  // namespace

bool fitConnections(ServerConfig& config, std::uint64_t descriptors) {
    const std::uint64_t left = std::max(descriptors, kForTheRest + kLeastForConnections) - kForTheRest;
    const auto publishers = static_cast<std::uint32_t>(std::min<std::uint64_t>(config.rtmp.maxConnections, left / 4));
    const auto viewers =
        static_cast<std::uint32_t>(std::min<std::uint64_t>(config.http.maxConnections, left - publishers));
    const bool isLower = publishers < config.rtmp.maxConnections || viewers < config.http.maxConnections;
    config.rtmp.maxConnections = publishers;
    config.http.maxConnections = viewers;
    return isLower;
}

}  // namespace live::daemon
