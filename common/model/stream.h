// A stream as operators know it: settings, keys and state.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/ids.h"
#include "common/base/time.h"
#include "common/model/ladder.h"

namespace live {

// Low: parts of 1/3 s. Ultra: parts of 1/5 s where the frame rate allows it (server/media/grid.h).
enum class LatencyProfile : std::uint8_t { Low, Ultra };

// idle → live ⇄ interrupted → ended → (live …). Interrupted: on air without usable input, the reconnect window runs.
enum class StreamState : std::uint8_t { Idle, Live, Interrupted, Ended };

enum class KeyRole : std::uint8_t { Primary, Backup };

std::string_view toString(LatencyProfile profile);  // "low", "ultra"
std::string_view toString(StreamState state);       // "idle", "live", "interrupted", "ended"
std::string_view toString(KeyRole role);            // "primary", "backup"
Result<LatencyProfile> parseLatencyProfile(std::string_view text);
Result<StreamState> parseStreamState(std::string_view text);
Result<KeyRole> parseKeyRole(std::string_view text);

// What one broadcast of a stream is made with; frozen when the broadcast starts.
struct BroadcastSettings {
    static constexpr Seconds kMinSegment{1}, kMaxSegment{10}, kMaxWindow{3600};
    static constexpr int kMinWindowSegments = 8;

    std::optional<Ladder> ladder;  // absent: the server's default
    Seconds segmentDuration{2};    // D of the grid
    LatencyProfile latencyProfile = LatencyProfile::Low;
    std::optional<Seconds> window;  // of the playlist; absent: max(30 s, 8 D)
    friend bool operator==(const BroadcastSettings&, const BroadcastSettings&) = default;
};

// Refuses values out of the ranges above; the message names the field.
Result<BroadcastSettings> validated(BroadcastSettings settings);
// The stream's own, else the longer of `usual` and the shortest that a stream may have.
Seconds effectiveWindow(const BroadcastSettings& settings, Seconds usual = Seconds(30));

struct StreamKey {
    std::string id;
    KeyRole role = KeyRole::Primary;
    std::string sha256;  // hex, of the key; the key itself is never stored
    std::string hint;    // last four characters of the key
    UnixTime createdAt{};
};

struct Stream {
    StreamId id;
    std::string name;  // 1 to 200 bytes of UTF-8 without control characters
    bool enabled = true;
    BroadcastSettings settings;
    std::vector<StreamKey> keys;
    UnixTime createdAt{};
    UnixTime updatedAt{};
    UnixTime heldUntil{};  // an operator stopped its broadcast: nobody may publish before
};

}  // namespace live
