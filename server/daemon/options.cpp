#include "server/daemon/options.h"

#include <array>
#include <optional>
#include <utility>

#include "common/config/suggestion.h"

namespace live::daemon {

namespace {
using Arguments = std::span<const std::string_view>;

constexpr std::array<std::pair<std::string_view, Command>, 5> kCommands{{{"serve", Command::Serve},
                                                                         {"worker", Command::Worker},
                                                                         {"check-config", Command::CheckConfig},
                                                                         {"version", Command::Version},
                                                                         {"help", Command::Help}}};

std::unexpected<Error> usageError(const std::string& what) {
    return fail(ErrorCode::InvalidArgument,
                what + (what.ends_with('?') ? "" : ";") + " 'liveserverd help' lists what there is");
}

std::string hint(std::string_view given, std::span<const std::string> known) {
    const auto meant = config::suggestion(given, known);
    return meant ? "; did you mean '" + *meant + "'?" : std::string();
}

Result<Command> commandOf(std::string_view word) {
    std::vector<std::string> known;
    for (const auto& [name, command] : kCommands) {
        if (name == word) return command;
        known.emplace_back(name);
    }
    return usageError("'" + std::string(word) + "' is not a command" + hint(word, known));
}

// The value of `--name value` or `--name=value` at the front of `arguments`, which are taken off; nothing if that is
// another option.
Result<std::optional<std::string>> takeOption(Arguments& arguments, std::string_view name) {
    const std::string_view first = arguments.front();
    if (!first.starts_with(name)) return std::optional<std::string>();
    const std::string_view rest = first.substr(name.size());
    if (rest.starts_with('=')) {
        arguments = arguments.subspan(1);
        return std::optional(std::string(rest.substr(1)));
    }
    if (!rest.empty()) return std::optional<std::string>();
    if (arguments.size() < 2) return usageError(std::string(name) + " needs a value");
    const std::string value(arguments[1]);
    arguments = arguments.subspan(2);
    return std::optional(value);
}

// Takes one option off `arguments`.
Result<void> readOption(Options& options, Arguments& arguments) {
    if (auto value = LIVE_TRY(takeOption(arguments, "--config"))) {
        if (!options.configFile.empty()) return usageError("--config is given twice");
        if (value->empty()) return usageError("--config needs a file name");
        options.configFile = std::move(*value);
    } else if (auto directory = LIVE_TRY(takeOption(arguments, "--state-dir"))) {
        if (directory->empty()) return usageError("--state-dir needs a directory name");
        options.assignments.push_back("state_dir=" + config::quoted(*directory));
    } else if (auto assignment = LIVE_TRY(takeOption(arguments, "--set"))) {
        if (assignment->find('=') == std::string::npos) return usageError("--set needs section.key=value");
        options.assignments.push_back(std::move(*assignment));
    } else {
        const std::string name(arguments.front().substr(0, arguments.front().find('=')));
        const std::array<std::string, 5> known{"--config", "--state-dir", "--set", "--version", "--help"};
        return usageError("'" + name + "' is not an option" + hint(name, known));
    }
    return {};
}
// A file or an assignment without its option is the likeliest; a value may be a secret and is not repeated.
std::unexpected<Error> surplus(std::string_view word) {
    const std::string name(word.substr(0, word.find('=')));
    const std::string what = "'" + name + "' is one word too many";
    if (name.size() != word.size()) return usageError(what + "; did you mean '--set " + name + "=…'?");
    if (name.ends_with(".toml")) return usageError(what + "; did you mean '--config " + name + "'?");
    return usageError(what);
}
}  // namespace

Result<Options> parseOptions(Arguments arguments) {
    Options options;
    if (!arguments.empty() && !arguments.front().starts_with('-')) {
        options.command = LIVE_TRY(commandOf(arguments.front()));
        arguments = arguments.subspan(1);
    }
    if (options.command == Command::Worker) {
        options.worker.assign(arguments.begin(), arguments.end());
        return options;
    }
    for (std::string_view argument : arguments) {
        if (argument == "--help" || argument == "-h") return Options{.command = Command::Help};
        if (argument == "--version") return Options{.command = Command::Version};
    }
    while (!arguments.empty()) {
        if (!arguments.front().starts_with('-')) return surplus(arguments.front());
        LIVE_TRY(readOption(options, arguments));
    }
    return options;
}

ConfigSources sourcesOf(const Options& options, std::vector<std::string> environment) {
    return {options.configFile, std::move(environment), options.assignments};
}

std::string_view usage() {
    return R"(liveserverd: live streams in by RTMP, out as low-latency HLS

  liveserverd [serve] [options]   serve until SIGTERM
  liveserverd check-config [options]
                                  show the configuration that would be used, or everything that is wrong with it
  liveserverd version
  liveserverd help

Options:
  --config FILE                   configuration (TOML); without it the defaults
  --state-dir DIR                 where state is kept; same as --set state_dir=DIR
  --set section.key=value         overrides the file and the environment; may be repeated

Environment: LIVESERVER_SECTION__KEY overrides section.key of the file.
State: $XDG_STATE_HOME/liveserver or ~/.local/state/liveserver; the API's first token is in admin.token there.
Exit codes: 0 done; 1 it did not work; 2 the command line was not understood.
)";
}

CheckedConfig checkConfig(const ConfigSources& sources) {
    const auto loaded = loadConfig(sources);
    if (!loaded) return {"", describe(loaded.error()), kExitFailed};
    return {"# OK\n" + loaded->effective, "", 0};
}

std::string describe(const config::Errors& errors) {
    std::string text;
    for (const Error& error : errors) text += error.describe() + "\n";
    return text;
}

}  // namespace live::daemon
