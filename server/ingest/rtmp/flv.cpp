#include "server/ingest/rtmp/flv.h"

#include <array>
#include <string_view>

namespace live::ingest::rtmp::flv {

namespace {

constexpr std::uint8_t kAvc = 7;
constexpr std::uint8_t kAac = 10;
constexpr std::uint8_t kCommandFrame = 5;
constexpr std::uint8_t kAudioFourCc = 9;

constexpr std::array<std::string_view, 16> kVideoCodecs{"",
                                                        "JPEG",
                                                        "Sorenson H.263",
                                                        "Screen video",
                                                        "VP6",
                                                        "VP6 with alpha",
                                                        "Screen video 2",
                                                        "H.264",
                                                        "",
                                                        "",
                                                        "",
                                                        "",
                                                        "HEVC (H.265)",
                                                        "AV1",
                                                        "",
                                                        ""};
constexpr std::array<std::string_view, 16> kAudioCodecs{
    "PCM",          "ADPCM", "MP3", "PCM",   "Nellymoser", "Nellymoser", "Nellymoser", "G.711 A-law",
    "G.711 mu-law", "",      "AAC", "Speex", "",           "",           "MP3",        ""};

struct FourCcName {
    std::string_view code;
    std::string_view name;
};
constexpr std::array<FourCcName, 12> kFourCcs{{{"avc1", "H.264"},
                                               {"hvc1", "HEVC (H.265)"},
                                               {"av01", "AV1"},
                                               {"vp09", "VP9"},
                                               {"vp08", "VP8"},
                                               {"vvc1", "VVC (H.266)"},
                                               {"mp4a", "AAC"},
                                               {"Opus", "Opus"},
                                               {".mp3", "MP3"},
                                               {"fLaC", "FLAC"},
                                               {"ac-3", "AC-3"},
                                               {"ec-3", "E-AC-3"}}};

std::unexpected<Error> refuseVideo(std::string_view codec) {
    return fail(ErrorCode::Unsupported,
                std::string(codec) + " video is not supported; set the encoder's video codec to H.264");
}

std::unexpected<Error> refuseAudio(std::string_view codec) {
    return fail(ErrorCode::Unsupported,
                std::string(codec) + " audio is not supported; set the encoder's audio codec to AAC");
}

std::string_view fourCcName(ByteView code) {
    for (const FourCcName& known : kFourCcs) {
        if (known.code == asText(code)) return known.name;
    }
    return "this";
}

// Enhanced RTMP: the first byte, then the FourCC.
std::unexpected<Error> refuseFourCc(ByteView body, bool isVideo) {
    ByteReader reader(body.subspan(1));
    const std::string_view name = fourCcName(reader.bytes(4));
    if (name == "H.264" || name == "AAC") {
        return fail(ErrorCode::Unsupported, std::string(name) +
                                                " with FourCC signalling is not supported; switch "
                                                "Enhanced RTMP off in the encoder");
    }
    return isVideo ? refuseVideo(name) : refuseAudio(name);
}

std::int32_t signed24(std::uint32_t value) { return static_cast<std::int32_t>(value << 8) >> 8; }

BodyKind kindOf(std::uint8_t packetType) {
    return packetType == 0 ? BodyKind::Configuration : packetType == 1 ? BodyKind::Frame : BodyKind::Ignored;
}

}  // namespace

Result<Body> parseVideo(ByteView body) {
    ByteReader reader(body);
    const std::uint8_t first = reader.u8();
    if (reader.failed()) return Body{};
    if (first & 0x80) return refuseFourCc(body, true);
    if (first >> 4 == kCommandFrame) return Body{};
    const std::uint8_t codec = first & 0x0F;
    if (codec != kAvc) {
        const std::string_view name = kVideoCodecs[codec];
        return refuseVideo(name.empty() ? "codec " + std::to_string(codec) : std::string(name));
    }
    const std::uint8_t packetType = reader.u8();
    const std::int32_t composition = signed24(reader.u24());
    if (reader.failed() || reader.remaining() == 0) return Body{};
    return Body{kindOf(packetType), reader.position(), composition};
}

Result<Body> parseAudio(ByteView body) {
    ByteReader reader(body);
    const std::uint8_t first = reader.u8();
    if (reader.failed()) return Body{};
    const std::uint8_t codec = first >> 4;
    if (codec == kAudioFourCc) return refuseFourCc(body, false);
    if (codec != kAac) {
        const std::string_view name = kAudioCodecs[codec];
        return refuseAudio(name.empty() ? "codec " + std::to_string(codec) : std::string(name));
    }
    const std::uint8_t packetType = reader.u8();
    if (reader.failed() || reader.remaining() == 0) return Body{};
    return Body{kindOf(packetType), reader.position(), 0};
}

Result<void> splitAggregate(const Message& aggregate, const std::function<Result<void>(const Message&)>& take) {
    ByteReader reader(aggregate.payload.view());
    std::uint32_t shift = 0;
    for (bool isFirst = true; reader.remaining() > 0; isFirst = false) {
        const auto type = static_cast<MessageType>(reader.u8() & 0x1F);
        const std::uint32_t size = reader.u24();
        std::uint32_t timestamp = reader.u24();
        timestamp |= std::uint32_t{reader.u8()} << 24;
        reader.skip(3);  // stream id
        const std::size_t offset = reader.position();
        reader.skip(size);
        if (reader.failed()) return fail(ErrorCode::Protocol, "a message inside an aggregate is cut short");
        if (isFirst) shift = aggregate.timestamp - timestamp;
        // A copy, so that whoever keeps a small frame does not keep the whole aggregate.
        LIVE_TRY(take({type, timestamp + shift, aggregate.streamId, aggregate.chunkStream,
                       Buffer::copyOf(aggregate.payload.view().subspan(offset, size))}));
        reader.skip(std::min<std::size_t>(4, reader.remaining()));  // back pointer; some leave the last one out
    }
    return {};
}

}  // namespace live::ingest::rtmp::flv
