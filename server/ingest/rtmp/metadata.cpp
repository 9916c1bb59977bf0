#include "server/ingest/rtmp/metadata.h"

#include "server/ingest/rtmp/amf0.h"

namespace live::ingest::rtmp {

namespace {

constexpr double kMaxFrameRate = 1000;
constexpr double kMaxSide = 16384;

std::optional<double> numberIn(const amf0::Object& object, std::string_view name, double largest) {
    const amf0::Value* value = object.find(name);
    const double* number = value ? value->number() : nullptr;
    if (!number || !(*number > 0) || *number > largest) return std::nullopt;  // also not NaN
    return *number;
}

std::optional<std::uint32_t> sideIn(const amf0::Object& object, std::string_view name) {
    const auto number = numberIn(object, name, kMaxSide);
    return number && *number >= 1 ? std::optional(static_cast<std::uint32_t>(*number)) : std::nullopt;
}

// Some say it outright. Most name their codecs, and then a codec that is not named is a track that does not come.
std::optional<bool> hasTrack(const amf0::Object& object, std::string_view flag, std::string_view codec) {
    if (const amf0::Value* value = object.find(flag)) {
        if (const bool* said = value->boolean()) return *said;
    }
    const bool namesCodecs = object.find("videocodecid") || object.find("audiocodecid");
    return namesCodecs ? std::optional(object.find(codec) != nullptr) : std::nullopt;
}

}  // namespace

std::optional<media::PublishMetadata> parseMetadata(ByteView payload) {
    const auto values = amf0::decode(payload);
    if (!values) return std::nullopt;
    std::size_t at = 0;
    const auto isText = [&](std::string_view text) {
        return at < values->size() && (*values)[at].text() && *(*values)[at].text() == text;
    };
    if (isText("@setDataFrame")) ++at;
    if (!isText("onMetaData") || at + 1 >= values->size()) return std::nullopt;
    const amf0::Object* object = (*values)[at + 1].object();
    if (!object) return std::nullopt;
    media::PublishMetadata metadata;
    metadata.frameRate = numberIn(*object, "framerate", kMaxFrameRate);
    if (!metadata.frameRate) metadata.frameRate = numberIn(*object, "videoframerate", kMaxFrameRate);
    metadata.width = sideIn(*object, "width");
    metadata.height = sideIn(*object, "height");
    metadata.hasVideo = hasTrack(*object, "hasVideo", "videocodecid");
    metadata.hasAudio = hasTrack(*object, "hasAudio", "audiocodecid");
    return metadata;
}

}  // namespace live::ingest::rtmp
