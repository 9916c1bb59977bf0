#include "common/model/stream.h"

#include <algorithm>
#include <array>

namespace live {

namespace {
template <class Enum, std::size_t N>
Result<Enum> parseEnum(std::string_view text, const std::array<Enum, N>& values) {
    std::string accepted;
    for (Enum value : values) {
        if (toString(value) == text) return value;
        accepted += (accepted.empty() ? "'" : ", '") + std::string(toString(value)) + "'";
    }
    return fail(ErrorCode::InvalidArgument, "'" + std::string(text) + "' is not one of " + accepted);
}
}  // namespace

std::string_view toString(LatencyProfile profile) { return profile == LatencyProfile::Low ? "low" : "ultra"; }

std::string_view toString(StreamState state) {
    switch (state) {
        case StreamState::Idle: return "idle";
        case StreamState::Live: return "live";
        case StreamState::Interrupted: return "interrupted";
        case StreamState::Ended: return "ended";
    }
    return "idle";
}

std::string_view toString(KeyRole role) { return role == KeyRole::Primary ? "primary" : "backup"; }

Result<LatencyProfile> parseLatencyProfile(std::string_view text) {
    return parseEnum(text, std::array{LatencyProfile::Low, LatencyProfile::Ultra});
}
Result<StreamState> parseStreamState(std::string_view text) {
    return parseEnum(text,
                     std::array{StreamState::Idle, StreamState::Live, StreamState::Interrupted, StreamState::Ended});
}
Result<KeyRole> parseKeyRole(std::string_view text) {
    return parseEnum(text, std::array{KeyRole::Primary, KeyRole::Backup});
}

Result<BroadcastSettings> validated(BroadcastSettings settings) {
    if (settings.ladder) settings.ladder = LIVE_TRY(validated(std::move(*settings.ladder)));
    using Limits = BroadcastSettings;
    if (settings.segmentDuration < Limits::kMinSegment || settings.segmentDuration > Limits::kMaxSegment)
        return fail(ErrorCode::InvalidArgument, "segment_duration_s is not a whole number from 1 to 10");
    const Seconds shortest = Limits::kMinWindowSegments * settings.segmentDuration;
    if (settings.window && (*settings.window < shortest || *settings.window > Limits::kMaxWindow))
        return fail(ErrorCode::InvalidArgument,
                    "window_s is not from 8 segments (" + std::to_string(shortest.count()) + " s) to 3600 s");
    return settings;
}

Seconds effectiveWindow(const BroadcastSettings& settings, Seconds usual) {
    return settings.window.value_or(std::max(usual, BroadcastSettings::kMinWindowSegments * settings.segmentDuration));
}

}  // namespace live
