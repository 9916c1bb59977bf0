#include "server/daemon/descriptor_limit.h"

#include <sys/resource.h>

#include <algorithm>

namespace live::daemon {

namespace {
// The API's connections, and per broadcast its worker's link and the mirror's files.
constexpr std::uint64_t kForTheRest = 768;
constexpr std::uint64_t kLeastForConnections = 64;
}  // namespace

std::uint64_t raiseDescriptorLimit() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1024;
    const rlimit raised{limit.rlim_max, limit.rlim_max};
    return ::setrlimit(RLIMIT_NOFILE, &raised) == 0 ? raised.rlim_cur : limit.rlim_cur;
}

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
