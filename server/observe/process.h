// What this process takes of the machine.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "common/base/clock.h"
#include "server/observe/registry.h"

namespace live::observe {

// As proc(5) has it; nothing where the kernel does not tell.
struct ProcessFigures {
    std::optional<std::uint64_t> pssBytes;  // shared pages divided by their users
    std::optional<std::uint64_t> rssBytes;
    std::optional<std::uint64_t> openDescriptors;
    std::optional<std::uint64_t> maxDescriptors;
    std::optional<std::uint64_t> threads;
    std::optional<double> cpuSeconds;  // user and system
};

ProcessFigures readProcess(const std::filesystem::path& process = "/proc/self");

// liveserver_process_…, liveserver_uptime_seconds since this call, liveserver_build_info{version}. `clock` outlives it.
Collector processCollector(const Clock& clock, std::string version);

}  // namespace live::observe
