// What the data plane knows of the catalog: an immutable value, replaced whole with every change.
#pragma once

#include <optional>
#include <string>
#include <unordered_map>

#include "common/model/stream.h"

namespace live::stream {

struct StreamPolicy {
    std::string name;
    bool enabled = true;
    BroadcastSettings settings;
    UnixTime heldUntil{};  // by a stop before the server started; later ones come by LivePlane::stop()
};

struct KeyPolicy {
    StreamId stream;
    std::string keyId;
    KeyRole role = KeyRole::Primary;
};

struct Policy {
    std::unordered_map<StreamId, StreamPolicy> streams;
    std::unordered_map<std::string, KeyPolicy> keys;  // by the key's SHA-256 in hex
};

}  // namespace live::stream
