#include "common/api/stream_json.h"

#include <algorithm>

#include "common/api/json.h"
#include "common/api/stream_requests.h"

namespace live::api {

namespace {

std::string ingestServer(const PublicUrls& urls) { return urls.rtmp + "/live"; }

QJsonObject keyJson(const StreamKey& key) {
    return {{"id", toText(key.id)},
            {"role", toText(toString(key.role))},
            {"hint", toText(key.hint)},
            {"created_at", toText(toRfc3339(key.createdAt))}};
}

// `server` and the key are what an encoder with two fields wants, `url` what one with a single field wants.
QJsonObject ingestJson(KeyRole role, const std::string& keyText, const PublicUrls& urls) {
    QJsonObject json{{"protocol", "rtmp"}, {"role", toText(toString(role))}, {"server", toText(ingestServer(urls))}};
    if (!keyText.empty()) json.insert("url", toText(ingestServer(urls) + "/" + keyText));
    return json;
}

}  // namespace

QJsonObject toJson(const Stream& stream, StreamState state, const PublicUrls& urls, UnixTime now) {
    QJsonObject json = writableJson(stream);
    if (!stream.settings.ladder) json.insert("ladder", QJsonValue::Null);
    if (!stream.settings.window) json.insert("window_s", QJsonValue::Null);
    const std::string& id = stream.id.text();
    json.insert("id", toText(id));
    json.insert("state", toText(toString(state)));
    json.insert("held_until", stream.heldUntil > now ? QJsonValue(toText(toRfc3339(stream.heldUntil))) : QJsonValue());
    json.insert("created_at", toText(toRfc3339(stream.createdAt)));
    json.insert("updated_at", toText(toRfc3339(stream.updatedAt)));
    json.insert("playback", QJsonObject{{"hls", toText(urls.http + "/live/" + id + "/master.m3u8")},
                                        {"watch", toText(urls.http + "/watch/" + id)}});
    QJsonArray keys, ingest;
    for (const StreamKey& key : stream.keys) keys.append(keyJson(key));
    for (KeyRole role : {KeyRole::Primary, KeyRole::Backup})
        if (std::ranges::find(stream.keys, role, &StreamKey::role) != stream.keys.end())
            ingest.append(ingestJson(role, {}, urls));
    json.insert("keys", keys);
    json.insert("ingest", ingest);
    return json;
}

QJsonObject createdJson(const Stream& stream, const IssuedKey& key, StreamState state, const PublicUrls& urls) {
    QJsonObject json = toJson(stream, state, urls, stream.createdAt);
    QJsonObject issued = keyJson(key.record);
    issued.insert("key", toText(key.text));
    json.insert("stream_key", toText(key.text));
    json.insert("keys", QJsonArray{issued});
    json.insert("ingest", QJsonArray{ingestJson(key.record.role, key.text, urls)});
    return json;
}

QJsonObject toJson(const IssuedKey& key, const PublicUrls& urls) {
    QJsonObject json = keyJson(key.record);
    json.insert("key", toText(key.text));
    json.insert("ingest", QJsonArray{ingestJson(key.record.role, key.text, urls)});
    return json;
}

}  // namespace live::api
