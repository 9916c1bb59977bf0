// The command line.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/error.h"
#include "server/daemon/server_config.h"

namespace live::daemon {

// Exit codes: 0 done, 1 it did not work (configuration, port, state directory), 2 the command line was not understood.
inline constexpr int kExitFailed = 1;
inline constexpr int kExitUsage = 2;

enum class Command : std::uint8_t { Serve, Worker, CheckConfig, Version, Help };

struct Options {
    Command command = Command::Serve;
    std::string configFile;                // empty: none
    std::vector<std::string> assignments;  // of --set and --state-dir, in their order
    std::vector<std::string> worker;       // what follows `worker`, which is started by the server, not by people
};

// `arguments` without the program's name. InvalidArgument: the message says what is wrong and what to type for help.
Result<Options> parseOptions(std::span<const std::string_view> arguments);

ConfigSources sourcesOf(const Options& options, std::vector<std::string> environment);

// The text of `liveserverd help`.
std::string_view usage();

// `liveserverd check-config`: what goes to standard output and standard error, and the exit code.
struct CheckedConfig {
    std::string output;
    std::string errors;
    int exitCode = 0;
};
CheckedConfig checkConfig(const ConfigSources& sources);

// One error a line, as they are shown to people.
std::string describe(const config::Errors& errors);

}  // namespace live::daemon
