// The keys of the configuration: name, member, range, meaning. Defaults are the initializers of ServerConfig.
#include <array>

#include "common/config/url.h"
#include "server/daemon/ladder_field.h"
#include "server/daemon/server_config.h"

namespace live::daemon {

namespace {
using config::Field;
using config::Schema;

Field endpoint(net::Endpoint& target) {
    return config::parsed<net::Endpoint>(target, std::string(net::kAcceptedEndpoint), net::parseEndpoint,
                                         [](const net::Endpoint& value) { return value.text(); });
}

Field path(std::filesystem::path& target) {
    return config::parsed<std::filesystem::path>(
        target, "a path, or \"\"",
        [](std::string_view text) -> Result<std::filesystem::path> {
            if (text.find('\0') != std::string_view::npos) return fail(ErrorCode::InvalidArgument, "contains a NUL");
            return std::filesystem::path(text);
        },
        [](const std::filesystem::path& value) { return value.string(); });
}

enum class UrlPath { Allowed, Refused };

Field baseUrl(std::string& target, std::array<std::string_view, 2> schemes, UrlPath path) {
    return config::parsed<std::string>(
        target, "a URL like \"" + std::string(schemes[0]) + "://host:port\", or \"\"",
        [schemes, path](std::string_view text) -> Result<std::string> {
            if (text.empty()) return std::string();
            std::string url = LIVE_TRY(config::parseBaseUrl(text, schemes));
            if (path == UrlPath::Refused && url.find('/', url.find("://") + 3) != std::string::npos)
                return fail(ErrorCode::InvalidArgument, "has a path, and broadcasters publish to /live of the host");
            return url;
        },
        [](const std::string& value) { return value; });
}

Field logLevel(log::Level& target) {
    return config::parsed<log::Level>(target, "\"debug\", \"info\", \"warning\" or \"error\"", log::parseLevel,
                                      [](const log::Level& value) { return std::string(toString(value)); });
}

Field latencyProfile(LatencyProfile& target) {
    return config::parsed<LatencyProfile>(target, "\"low\" or \"ultra\"", parseLatencyProfile,
                                          [](const LatencyProfile& value) { return std::string(toString(value)); });
}

// 0 is "not set": TOML has no null.
Field window(std::optional<Seconds>& target) {
    return config::wholeNumber(
        0, BroadcastSettings::kMaxWindow.count(),
        [&target](std::int64_t value) { target = value == 0 ? std::nullopt : std::optional(Seconds(value)); },
        [&target] { return target.value_or(Seconds(0)).count(); });
}

void addListeners(Schema& schema, ServerConfig& config) {
    schema.add("rtmp.listen", endpoint(config.rtmp.listen), "Where broadcasters publish.");
    schema.add("rtmp.max_connections", config::wholeNumber(config.rtmp.maxConnections, 1, 100'000),
               "Connections beyond this are refused.");
    schema.add("rtmp.refusals_per_minute", config::wholeNumber(config.rtmp.refusalsPerMinute, 0, 6000),
               "Wrong keys and broken sessions an address may go on with after ten at once; 0: any number.");
    schema.add("http.listen", endpoint(config.http.listen), "Where viewers and CDNs fetch.");
    schema.add("http.threads", config::wholeNumber(config.http.threads, 0, 256),
               "Threads that serve viewers; 0: one a core.");
    schema.add("http.max_connections", config::wholeNumber(config.http.maxConnections, 1, 1'000'000),
               "Connections beyond this are refused.");
    schema.add("api.listen", endpoint(config.api.listen), "Where the REST API listens.");
    schema.add("api.insecure", config::boolean(config.api.insecure),
               "Lets the API, which has no TLS, listen on other addresses than loopback.");
    schema.add("public.http_url", baseUrl(config.publicUrls.httpUrl, {"http", "https"}, UrlPath::Allowed),
               "How viewers reach http.listen; \"\": made of the address listened on.");
    schema.add("public.rtmp_url", baseUrl(config.publicUrls.rtmpUrl, {"rtmp", "rtmps"}, UrlPath::Refused),
               "How broadcasters reach rtmp.listen; \"\": made of the address listened on.");
}

void addMedia(Schema& schema, ServerConfig& config) {
    schema.add("ingest.end_grace_s", config::duration(config.ingest.endGrace, 0, 300),
               "A broadcast ends this long after its encoder said goodbye.");
    schema.add("ingest.reconnect_window_s", config::duration(config.ingest.reconnectWindow, 1, 3600),
               "A broadcast ends when its encoder was lost for this long.");
    schema.add("ingest.hold_s", config::duration(config.ingest.hold, 0, 3600),
               "After a stop the stream's keys are refused for this long.");
    schema.add("ingest.dead_peer_s", config::duration(config.ingest.deadPeer, 1, 60),
               "A publisher that sends no media for this long is gone.");
    schema.add("input.delay_ms", config::duration(config.input.delay, 0, 2000),
               "Room for jitter between the arrival of a frame and its turn.");
    schema.add("broadcast.segment_duration_s",
               config::duration(config.broadcast.segmentDuration, BroadcastSettings::kMinSegment.count(),
                                BroadcastSettings::kMaxSegment.count()),
               "Length of a segment.");
    schema.add("broadcast.latency_profile", latencyProfile(config.broadcast.latencyProfile),
               "low: parts of 1/3 s; ultra: 1/5 s where the frame rate allows it.");
    schema.add("broadcast.window_s", window(config.broadcast.window),
               "Length of the playlist, at least 8 segments; 0: the longer of 30 s and 8 segments.");
}
}  // namespace

config::Schema schemaOf(ServerConfig& config) {
    Schema schema;
    schema.add("state_dir", path(config.stateDir),
               "Everything the server keeps; \"\": $XDG_STATE_HOME/liveserver or ~/.local/state/liveserver.");
    schema.add("ladder", ladderField(config.broadcast.ladder), "The renditions a stream is encoded to.");
    addListeners(schema, config);
    addMedia(schema, config);
    schema.add("log.level", logLevel(config.log.level), "Lines below it are not written.");
    schema.add("catalog.path", path(config.catalog.path),
               "The database of streams and keys; \"\": catalog.db in the state directory.");
    return schema;
}

}  // namespace live::daemon
