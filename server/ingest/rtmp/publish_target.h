// Where a broadcaster wants to publish to: the application and the stream key, from the places encoders put them.
#pragma once

#include <string>
#include <string_view>

namespace live::ingest::rtmp {

// What `connect` said. An encoder whose whole URL ends up in the application ("live/KEY") leaves the key in `path`.
struct ConnectTarget {
    std::string application;  // first component of the path, without query
    std::string path;         // the components after it
    std::string key;          // ?key= of the application, else of tcUrl; percent-decoded
};

// rtmp://host/live/KEY, /live with KEY as name, /live?key=KEY: `application` is what connect calls app.
ConnectTarget parseConnectTarget(std::string_view application, std::string_view tcUrl);

bool isKnownApplication(std::string_view application);  // "live", "app"

// The key: ?key= of the publish name, else of connect, else the name itself without query, else the rest of the
// application's path. Empty if there is none or it is longer than kMaxKeyBytes.
std::string publishKey(std::string_view publishName, const ConnectTarget& target);

}  // namespace live::ingest::rtmp
