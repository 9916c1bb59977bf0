#include "server/daemon/server_config.h"

#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <fstream>
#include <optional>
#include <utility>

#include "common/config/toml_guard.h"

namespace live::daemon {

namespace {
namespace fs = std::filesystem;
using config::Errors;

void append(Errors& errors, Errors more) {
    for (Error& error : more) {
        if (errors.size() < config::kMaxErrors) errors.push_back(std::move(error));
    }
}

// One byte past the bound is read, so that the parser can say that there is too much.
Result<std::string> readFile(const std::string& path) {
    struct stat status{};
    if (::stat(path.c_str(), &status) != 0) return failErrno("can't be read", errno, path);
    if (S_ISDIR(status.st_mode)) return fail(ErrorCode::InvalidArgument, "is a directory, not a file", path);
    std::ifstream file(path, std::ios::binary);
    if (!file) return failErrno("can't be read", errno, path);
    std::string text(config::kMaxFileBytes + 1, '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (file.bad()) return fail(ErrorCode::Io, "can't be read", path);
    text.resize(static_cast<std::size_t>(file.gcount()));
    return text;
}

std::optional<std::string> variable(const std::vector<std::string>& environment, const std::string& name) {
    for (const std::string& entry : environment)
        if (entry.starts_with(name + "=")) return entry.substr(name.size() + 1);
    return std::nullopt;
}

// Each beside those before it; what is wrong is said at the one that somebody set.
Errors checkListeners(const config::Schema& schema, const ServerConfig& config) {
    const std::array<std::pair<const char*, const net::Endpoint*>, 3> listeners{{{"rtmp.listen", &config.rtmp.listen},
                                                                                 {"http.listen", &config.http.listen},
                                                                                 {"api.listen", &config.api.listen}}};
    Errors errors;
    for (std::size_t i = 0; i < listeners.size(); ++i) {
        for (std::size_t j = 0; j < i; ++j) {
            auto [here, other] = std::pair(listeners[i], listeners[j]);
            if (!here.second->overlaps(*other.second) || !schema.isTaken(here.first) || !schema.isTaken(other.first))
                continue;
            if (schema.isDefault(here.first)) std::swap(here, other);
            errors.push_back(schema.errorAt(here.first, "'" + here.second->text() + "' leaves no room for " +
                                                            other.first + " = '" + other.second->text() +
                                                            "'; accepted: another port"));
        }
    }
    return errors;
}

// Keys whose own value was refused are left out: what they have is not what somebody wrote.
Errors checkTogether(const config::Schema& schema, const ServerConfig& config) {
    Errors errors = checkListeners(schema, config);
    if (schema.isTaken("api.listen") && schema.isTaken("api.insecure") && !config.api.insecure &&
        !config.api.listen.isLoopback())
        errors.push_back(schema.errorAt(
            "api.listen", "'" + config.api.listen.text() +
                              "' is reachable from other machines and the API has no TLS here; accepted: a loopback "
                              "address, or api.insecure = true behind a proxy that has TLS"));
    BroadcastSettings lengths{.window = config.broadcast.window};
    lengths.segmentDuration = schema.isTaken("broadcast.segment_duration_s") ? config.broadcast.segmentDuration
                                                                             : BroadcastSettings::kMinSegment;
    if (const auto checked = validated(lengths); !checked && schema.isTaken("broadcast.window_s"))
        errors.push_back(schema.errorAt("broadcast.window_s", checked.error().message));
    return errors;
}

Errors derive(ServerConfig& config, const config::Schema& schema, const std::vector<std::string>& environment) {
    if (config.stateDir.empty()) {
        Result<fs::path> found = defaultStateDir(environment);
        if (!found) return {schema.errorAt("state_dir", found.error().message)};
        config.stateDir = std::move(*found);
    }
    std::error_code error;
    config.stateDir = fs::absolute(config.stateDir, error).lexically_normal();
    if (error) return {schema.errorAt("state_dir", "has no absolute path: " + error.message())};
    if (config.catalog.path.empty()) config.catalog.path = config.stateDir / "catalog.db";
    config.catalog.path = fs::absolute(config.catalog.path, error).lexically_normal();
    if (error) return {schema.errorAt("catalog.path", "has no absolute path: " + error.message())};
    return {};
}

std::string addressOf(std::string_view scheme, net::Endpoint endpoint) {
    if (endpoint.isWildcard()) endpoint.address = endpoint.address.find(':') == std::string::npos ? "127.0.0.1" : "::1";
    return std::string(scheme) + "://" + endpoint.text();
}
}  // namespace

std::expected<LoadedConfig, config::Errors> loadConfig(const ConfigSources& sources) {
    LoadedConfig loaded;
    config::Schema schema = schemaOf(loaded.config);
    Errors errors;
    if (!sources.file.empty()) {
        const Result<std::string> text = readFile(sources.file);
        if (!text) return std::unexpected(Errors{text.error()});  // nothing is known of what it says
        append(errors, schema.applyFile(*text, sources.file));
    }
    append(errors, schema.applyEnvironment(sources.environment));
    for (const std::string& assignment : sources.assignments) append(errors, schema.applyAssignment(assignment));
    append(errors, checkTogether(schema, loaded.config));
    if (errors.empty()) append(errors, derive(loaded.config, schema, sources.environment));
    if (!errors.empty()) return std::unexpected(std::move(errors));
    loaded.effective = schema.effective();
    loaded.asksForConnections = !schema.isDefault("rtmp.max_connections") || !schema.isDefault("http.max_connections");
    return loaded;
}

Result<fs::path> defaultStateDir(const std::vector<std::string>& environment) {
    // The specification says that a relative path is to be ignored.
    if (const auto xdg = variable(environment, "XDG_STATE_HOME"); xdg && fs::path(*xdg).is_absolute())
        return fs::path(*xdg) / "liveserver";
    if (const auto home = variable(environment, "HOME"); home && fs::path(*home).is_absolute())
        return fs::path(*home) / ".local/state/liveserver";
    return fail(ErrorCode::InvalidArgument,
                "is not set, and neither XDG_STATE_HOME nor HOME says where state goes; give --state-dir DIR");
}

std::string publicHttpUrl(const ServerConfig& config, const net::Endpoint& listening) {
    return config.publicUrls.httpUrl.empty() ? addressOf("http", listening) : config.publicUrls.httpUrl;
}

std::string publicRtmpUrl(const ServerConfig& config, const net::Endpoint& listening) {
    return config.publicUrls.rtmpUrl.empty() ? addressOf("rtmp", listening) : config.publicUrls.rtmpUrl;
}

}  // namespace live::daemon
