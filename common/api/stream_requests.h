// What clients send about streams: JSON → checked values. Nothing here does I/O; any thread.
#pragma once

#include <QJsonObject>
#include <optional>
#include <string>

#include "common/api/problem.h"
#include "common/model/stream.h"

namespace live::api {

// The writable part of a stream.
struct StreamDraft {
    std::optional<StreamId> id;  // only at create; absent: one is made from the name
    std::string name;
    bool enabled = true;
    BroadcastSettings settings;
    friend bool operator==(const StreamDraft&, const StreamDraft&) = default;
};

// What a stream gets that does not say otherwise; ladder and window stay open and follow the server.
struct StreamDefaults {
    Seconds segmentDuration = BroadcastSettings().segmentDuration;
    LatencyProfile latencyProfile = BroadcastSettings().latencyProfile;
    Seconds hold{60};
};

// POST /streams. null stands for the default, as in a merge patch.
Outcome<StreamDraft> parseCreateStream(const QJsonObject& body, const StreamDefaults& defaults = {});

// PATCH /streams/{id} (RFC 7396): `patch` merged into `current` and checked as a whole. null brings back the default.
Outcome<StreamDraft> parseStreamPatch(const Stream& current, const QJsonObject& patch,
                                      const StreamDefaults& defaults = {});

// The writable fields as JSON; defaults that may change with the server (ladder, window_s) are left out when not set.
QJsonObject writableJson(const Stream& stream);

// POST /streams/{id}/keys. Backup inputs are not taken yet: 422 names what is.
Outcome<KeyRole> parseCreateKey(const QJsonObject& body);

// POST /streams/{id}/stop: for how long the key stays refused, 0 to 3600 s.
Outcome<Seconds> parseStop(const QJsonObject& body, const StreamDefaults& defaults = {});

}  // namespace live::api
