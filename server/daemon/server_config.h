// What a server is started with: the values of the configuration file and of everything that overrides it.
// resources/liveserver.toml shows every key with its default.
#pragma once

#include <expected>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "common/base/time.h"
#include "common/config/schema.h"
#include "common/log/log.h"
#include "common/model/stream.h"
#include "common/net/endpoint.h"

namespace live::daemon {

// A value. The initializers are the defaults.
struct ServerConfig {
    std::filesystem::path stateDir;  // absolute once loaded

    struct Rtmp {
        net::Endpoint listen{"0.0.0.0", 1935};
        std::uint32_t maxConnections = 2000;
        std::uint32_t refusalsPerMinute = 10;  // 0: any number
    } rtmp;
    struct Http {
        net::Endpoint listen{"0.0.0.0", 8080};
        std::uint32_t threads = 0;  // 0: one a core
        std::uint32_t maxConnections = 50'000;
    } http;
    struct Api {
        net::Endpoint listen{"127.0.0.1", 8081};
        bool insecure = false;
    } api;
    struct Public {
        std::string httpUrl;  // no slash at the end; empty: see publicHttpUrl()
        std::string rtmpUrl;
    } publicUrls;
    struct Ingest {
        Seconds endGrace{5};
        Seconds reconnectWindow{60};
        Seconds hold{60};
        Seconds deadPeer{5};
    } ingest;
    struct Input {
        Milliseconds delay{200};
    } input;
    // What a stream gets that does not say otherwise. `ladder` is always set once loaded.
    BroadcastSettings broadcast{.ladder = defaultLadder()};
    struct Log {
        log::Level level = log::Level::Info;
    } log;
    struct Catalog {
        std::filesystem::path path;  // absolute once loaded; default <state_dir>/catalog.db
    } catalog;
};

// Where values come from besides the defaults; later members win.
struct ConfigSources {
    std::string file;                      // path; empty: none
    std::vector<std::string> environment;  // "NAME=value", the whole environment
    std::vector<std::string> assignments;  // "section.key=value", in order
};

struct LoadedConfig {
    ServerConfig config;
    std::string effective;            // all values as TOML, each with its source
    bool asksForConnections = false;  // somebody set rtmp.max_connections or http.max_connections
};

// Reads and checks everything. All errors at once, as config::Schema words them.
std::expected<LoadedConfig, config::Errors> loadConfig(const ConfigSources& sources);

// Binds every key to its member of `config`, which outlives the schema.
config::Schema schemaOf(ServerConfig& config);

// The state directory that the XDG base directory specification gives: $XDG_STATE_HOME/liveserver, else
// ~/.local/state/liveserver. InvalidArgument without either variable.
Result<std::filesystem::path> defaultStateDir(const std::vector<std::string>& environment);

// What others are told: the configured address, else one made of the address that is listened on. A wildcard address is
// told as loopback, because the machine can't know by which name it is reached.
std::string publicHttpUrl(const ServerConfig& config, const net::Endpoint& listening);
std::string publicRtmpUrl(const ServerConfig& config, const net::Endpoint& listening);

}  // namespace live::daemon
