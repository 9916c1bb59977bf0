#include "server/observe/process.h"

#include <unistd.h>

#include <charconv>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string_view>

namespace live::observe {

namespace {
namespace fs = std::filesystem;

std::string contentOf(const fs::path& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

// The first number after `label` at the start of a line: "Pss:     1234 kB", "Max open files   1024   4096   files".
std::optional<std::uint64_t> numberAfter(std::string_view text, std::string_view label) {
    std::size_t at = text.starts_with(label) ? 0 : text.find("\n" + std::string(label));
    if (at == std::string_view::npos) return std::nullopt;
    at = text.find_first_not_of(" \t", at + label.size() + (at == 0 ? 0 : 1));
    if (at == std::string_view::npos) return std::nullopt;
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data() + at, text.data() + text.size(), number);
    return error == std::errc() ? std::optional(number) : std::nullopt;
}

std::optional<std::uint64_t> bytesAfter(std::string_view text, std::string_view label) {
    const auto kibibytes = numberAfter(text, label);
    return kibibytes ? std::optional(*kibibytes * 1024) : std::nullopt;
}

std::optional<std::uint64_t> descriptorsIn(const fs::path& folder) {
    std::error_code error;
    fs::directory_iterator entries(folder, error);
    if (error) return std::nullopt;
    const auto count = std::distance(begin(entries), end(entries));
    return static_cast<std::uint64_t>(count > 0 ? count - 1 : 0);  // without the one that reads the folder
}

// utime and stime, fields 14 and 15. The second field is the program's name in parentheses and may contain anything.
std::optional<double> cpuSecondsOf(const std::string& stat) {
    const std::size_t nameEnd = stat.rfind(')');
    if (nameEnd == std::string::npos) return std::nullopt;
    std::istringstream fields(stat.substr(nameEnd + 1));
    std::string skipped;
    for (int field = 3; field < 14; ++field) fields >> skipped;
    std::uint64_t user = 0, system = 0;
    if (!(fields >> user >> system)) return std::nullopt;
    return static_cast<double>(user + system) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

void gauge(Page& page, std::string_view name, std::string_view help, const std::optional<std::uint64_t>& value) {
    if (value) page.gauge(name, help, static_cast<double>(*value));
}
}  // namespace

ProcessFigures readProcess(const fs::path& process) {
    const std::string memory = contentOf(process / "smaps_rollup");
    const std::string status = contentOf(process / "status");
    ProcessFigures figures;
    figures.pssBytes = bytesAfter(memory, "Pss:");
    figures.rssBytes = bytesAfter(status, "VmRSS:");
    figures.threads = numberAfter(status, "Threads:");
    figures.openDescriptors = descriptorsIn(process / "fd");
    figures.maxDescriptors = numberAfter(contentOf(process / "limits"), "Max open files");
    figures.cpuSeconds = cpuSecondsOf(contentOf(process / "stat"));
    return figures;
}

Collector processCollector(const Clock& clock, std::string version) {
    return [&clock, started = clock.boot(), version = std::move(version)](Page& page) {
        const ProcessFigures figures = readProcess();
        gauge(page, "liveserver_process_pss_bytes", "Memory, shared pages divided by their users.", figures.pssBytes);
        gauge(page, "liveserver_process_resident_bytes", "Memory in RAM.", figures.rssBytes);
        gauge(page, "liveserver_process_open_fds", "Open file descriptors.", figures.openDescriptors);
        gauge(page, "liveserver_process_max_fds", "File descriptors that may be open.", figures.maxDescriptors);
        gauge(page, "liveserver_process_threads", "Threads.", figures.threads);
        if (figures.cpuSeconds)
            page.counter("liveserver_process_cpu_seconds_total", "User and system time.", *figures.cpuSeconds);
        const std::chrono::duration<double> uptime = clock.boot() - started;
        page.gauge("liveserver_uptime_seconds", "Time since the server started.", uptime.count());
        page.gauge("liveserver_build_info", "1, with the version as a label.", 1, {{"version", version}});
    };
}

}  // namespace live::observe
