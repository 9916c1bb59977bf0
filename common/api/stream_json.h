// What clients read about streams: values → JSON, as resources/openapi.yaml describes it. Any thread.
#pragma once

#include <QJsonArray>
#include <QJsonObject>
#include <string>
#include <vector>

#include "common/model/stream.h"

namespace live::api {

// The addresses told to others, without a trailing slash: "rtmp://media.example.org", "https://media.example.org".
struct PublicUrls {
    std::string rtmp;
    std::string http;
};

// A key that was just made: the only moment its text is known.
struct IssuedKey {
    StreamKey record;
    std::string text;
};

// The stream as GET gives it: keys by hint only, ingest addresses without a key; `held_until` is null once it is over.
QJsonObject toJson(const Stream& stream, StreamState state, const PublicUrls& urls, UnixTime now);

// The stream as POST /streams gives it, once: with `stream_key`, the key's text and complete ingest URLs.
QJsonObject createdJson(const Stream& stream, const IssuedKey& key, StreamState state, const PublicUrls& urls);

// The answer of POST /streams/{id}/keys.
QJsonObject toJson(const IssuedKey& key, const PublicUrls& urls);

}  // namespace live::api
