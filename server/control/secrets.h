// Random texts that open something. They are shown or written once; what is kept is their SHA-256.
#pragma once

#include <string>
#include <string_view>

#include "common/api/stream_json.h"
#include "common/base/time.h"

namespace live::control {

// 160 random bits as 32 characters 0-9, a-v: safe in URLs and easy to read out.
api::IssuedKey makeStreamKey(KeyRole role, UnixTime now);

// 256 random bits as 52 characters.
std::string makeToken();

// What a key or token is stored and looked up as.
std::string digestOf(std::string_view secret);

// "Evening Show!" → "evening-show-7k2m9q4t": readable, and taken only by chance.
StreamId makeStreamId(std::string_view name);

}  // namespace live::control
