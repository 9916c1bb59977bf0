#include "server/control/convert/stats_json.h"

#include <QJsonArray>
#include <cmath>

#include "common/api/json.h"

namespace live::control {

namespace {

using api::toText;

// JSON has no NaN and no infinity; what could not be measured is null. Nothing is measured finer than a thousandth.
QJsonValue number(double value) {
    return std::isfinite(value) ? QJsonValue(std::round(value * 1000) / 1000) : QJsonValue(QJsonValue::Null);
}
QJsonValue number(const std::optional<double>& value) { return value ? number(*value) : QJsonValue(QJsonValue::Null); }
QJsonValue number(std::uint64_t value) { return static_cast<qint64>(value); }
QJsonValue number(std::uint32_t value) { return static_cast<qint64>(value); }
QJsonValue number(std::int64_t value) { return static_cast<qint64>(value); }

QJsonValue textOrNull(const std::string& text) {
    return text.empty() ? QJsonValue(QJsonValue::Null) : QJsonValue(toText(text));
}

QJsonArray list(const std::vector<std::string>& texts) {
    QJsonArray array;
    for (const std::string& text : texts) array.append(toText(text));
    return array;
}

QJsonObject toJson(const stream::InputStats& input) {
    return {{"role", toText(input.role)},
            {"protocol", toText(input.protocol)},
            {"peer", textOrNull(input.peer)},
            {"encoder", textOrNull(input.encoder)},
            {"connected", input.isConnected},
            {"since", toText(toRfc3339(input.since))},
            {"video_codec", textOrNull(input.videoCodec)},
            {"audio_codec", textOrNull(input.audioCodec)},
            {"width", number(input.width)},
            {"height", number(input.height)},
            {"fps", number(input.frameRate)},
            {"bitrate_bps", number(input.bitrate)},
            {"gop_s", number(input.gopSeconds)},
            {"drift_ppm", number(input.driftPpm)},
            {"sample_rate_hz", number(input.sampleRate)},
            {"channels", number(input.channels)},
            {"received_bytes", number(input.bytesReceived)},
            {"warnings", list(input.warnings)}};
}

QJsonObject toJson(const stream::RenditionStats& rendition) {
    QJsonObject json{{"id", toText(rendition.id)},
                     {"kind", toText(rendition.kind)},
                     {"codec", textOrNull(rendition.codec)},
                     {"bitrate_bps", number(rendition.bitrate)},
                     {"target_bitrate_bps", number(rendition.targetBitrate)},
                     {"encode_speed", number(rendition.encodeSpeed)}};
    if (rendition.kind == "audio") {
        json.insert("channels", number(rendition.channels));
        return json;
    }
    json.insert("width", number(rendition.width));
    json.insert("height", number(rendition.height));
    json.insert("fps", number(rendition.frameRate));
    json.insert("shed", rendition.isShed);
    json.insert("shed_frames", number(rendition.shedFrames));
    return json;
}

QJsonObject toJson(const stream::WorkerStats& worker) {
    return {{"pid", number(worker.pid)},
            {"node", toText(worker.node)},
            {"speed", number(worker.speed)},
            {"restarts", number(worker.restarts)}};
}

}  // namespace

QJsonObject toJson(const stream::StreamStats& stats) {
    QJsonArray inputs, renditions;
    for (const auto& input : stats.inputs) inputs.append(toJson(input));
    for (const auto& rendition : stats.renditions) renditions.append(toJson(rendition));
    const QJsonValue null(QJsonValue::Null);
    return {{"state", toText(toString(stats.state))},
            {"broadcast_id", textOrNull(stats.broadcastId)},
            {"uptime_s", number(stats.uptimeSeconds)},
            {"active_input", textOrNull(stats.activeInput.value_or(""))},
            {"inputs", inputs},
            {"renditions", renditions},
            {"latency_ms", number(stats.latencyMs)},
            {"viewers", null},
            {"worker", stats.worker ? QJsonValue(toJson(*stats.worker)) : null},
            {"alarms", list(stats.alarms)}};
}

}  // namespace live::control
