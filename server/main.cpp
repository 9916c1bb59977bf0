// liveserverd: one program, subcommands.
#include <unistd.h>

#include <QCoreApplication>
#include <cstdio>
#include <filesystem>
#include <string_view>
#include <vector>

#include "common/base/clock.h"
#include "common/base/file_descriptor.h"
#include "server/daemon/daemon.h"
#include "server/daemon/descriptor_limit.h"
#include "server/daemon/options.h"
#include "server/daemon/signals.h"

using namespace live;
using namespace live::daemon;

namespace {

std::filesystem::path programFolder() { return std::filesystem::read_symlink("/proc/self/exe").parent_path(); }

std::vector<std::string> environmentList() {
    std::vector<std::string> list;
    for (char** entry = environ; *entry; ++entry) list.emplace_back(*entry);
    return list;
}

int failed(const std::string& message, int exitCode) {
    std::fprintf(stderr, "liveserverd: %s\n", message.c_str());
    return exitCode;
}

// The worker is a program of its own, so that only it loads the codecs: they would add 20 MiB to an idle server.
int runWorker(const Options& options) {
    const std::string program = programFolder() / "liveserverd-worker";
    std::vector<char*> arguments{const_cast<char*>(program.c_str())};
    for (const std::string& argument : options.worker) arguments.push_back(const_cast<char*>(argument.c_str()));
    arguments.push_back(nullptr);
    execv(program.c_str(), arguments.data());
    return failed("cannot start " + program, kExitFailed);
}

int serve(int argc, char** argv, const ConfigSources& sources, InheritedSockets sockets) {
    auto loaded = loadConfig(sources);
    if (!loaded) {
        std::fputs(describe(loaded.error()).c_str(), stderr);
        return kExitFailed;
    }
    QCoreApplication application(argc, argv);
    static const SystemClock clock;
    Signals terminations;
    const std::filesystem::path folder = programFolder();
    const log::Logger logger(std::make_shared<log::DescriptorOutput>(STDERR_FILENO), loaded->config.log.level, clock);
    const std::uint64_t descriptors = raiseDescriptorLimit();
    if (fitConnections(loaded->config, descriptors)) {
        // The defaults are for a large machine: a smaller one is no trouble.
        logger.write(
            loaded->asksForConnections ? log::Level::Warning : log::Level::Info, "descriptors.few",
            {{"limit", descriptors},
             {"rtmp.max_connections", loaded->config.rtmp.maxConnections},
             {"http.max_connections", loaded->config.http.maxConnections},
             {"message", "connections are limited to these; raise the limit of open files (LimitNOFILE, ulimit -n)"}});
    }
    auto daemon =
        Daemon::create(std::move(loaded->config),
                       {.worker = folder / "liveserverd-worker", .player = folder / "../share/liveserver/player"},
                       std::move(sockets), logger);
    if (!daemon) return failed(daemon.error().describe(), kExitFailed);
    QObject::connect(&terminations, &Signals::terminationRequested, daemon->get(), &Daemon::stop);
    QObject::connect(daemon->get(), &Daemon::finished, &application, &QCoreApplication::exit, Qt::QueuedConnection);
    (*daemon)->start();
    return application.exec();
}

}  // namespace

int main(int argc, char** argv) {
    InheritedSockets sockets = InheritedSockets::fromEnvironment();
    const std::vector<std::string_view> arguments(argv + 1, argv + argc);
    const auto options = parseOptions(arguments);
    if (!options) return failed(options.error().message, kExitUsage);
    switch (options->command) {
        case Command::Help: std::printf("%s", usage().data()); return 0;
        case Command::Version: std::printf("liveserverd %s\n", LIVE_VERSION); return 0;
        case Command::Worker: return runWorker(*options);
        case Command::CheckConfig: {
            const CheckedConfig checked = checkConfig(sourcesOf(*options, environmentList()));
            std::fputs(checked.output.c_str(), stdout);
            std::fputs(checked.errors.c_str(), stderr);
            return checked.exitCode;
        }
        case Command::Serve: return serve(argc, argv, sourcesOf(*options, environmentList()), std::move(sockets));
    }
    return kExitUsage;
}
