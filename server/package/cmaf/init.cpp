#include "server/package/cmaf/init.h"

#include <algorithm>

#include "server/media/aac.h"
#include "server/media/h264.h"
#include "server/package/cmaf/box.h"

namespace live::package::cmaf {

namespace {

using media::MediaKind;

constexpr std::uint32_t kTrackId = 1;

void matrix(ByteWriter& writer) {  // the unity matrix of §8.2.2.2
    for (const std::uint32_t value : {0x10000u, 0u, 0u, 0u, 0x10000u, 0u, 0u, 0u, 0x40000000u}) writer.u32(value);
}

void fileType(ByteWriter& writer) {
    const Box ftyp(writer, "ftyp");
    writer.text("iso6").u32(0).text("iso6").text("cmfc").text("mp41");
}

void movieHeader(ByteWriter& writer, std::uint32_t timescale) {
    const FullBox mvhd(writer, "mvhd", 0, 0);
    writer.u32(0).u32(0).u32(timescale).u32(0);  // creation, modification, timescale, duration unknown
    writer.u32(0x10000).u16(0x0100).zeros(10);   // rate 1.0, volume 1.0
    matrix(writer);
    writer.zeros(24).u32(kTrackId + 1);
}

void trackHeader(ByteWriter& writer, const media::Rendition& rendition) {
    const FullBox tkhd(writer, "tkhd", 0, 7);  // enabled, in movie, in preview
    writer.u32(0).u32(0).u32(kTrackId).u32(0).u32(0);
    writer.zeros(8).u16(0).u16(rendition.kind == MediaKind::Audio ? 1 : 0);
    writer.u16(rendition.kind == MediaKind::Audio ? 0x0100 : 0).u16(0);
    matrix(writer);
    writer.u32(rendition.width << 16).u32(rendition.height << 16);
}

void mediaHeader(ByteWriter& writer, std::uint32_t timescale) {
    const FullBox mdhd(writer, "mdhd", 0, 0);
    writer.u32(0).u32(0).u32(timescale).u32(0).u16(0x55C4).u16(0);  // language "und"
}

void handler(ByteWriter& writer, MediaKind kind) {
    const FullBox hdlr(writer, "hdlr", 0, 0);
    writer.u32(0).text(kind == MediaKind::Video ? "vide" : "soun").zeros(12);
    writer.text(kind == MediaKind::Video ? "video" : "audio").u8(0);
}

void bitRate(ByteWriter& writer, const media::Rendition& rendition) {
    const Box btrt(writer, "btrt");
    const BitsPerSecond peak = std::max(rendition.maxBitrate, rendition.bitrate);
    writer.u32(rendition.vbvBits / 8).u32(peak).u32(rendition.bitrate);
}

void avcSampleEntry(ByteWriter& writer, const media::Rendition& rendition, ByteView configuration) {
    const Box avc1(writer, "avc1");
    writer.zeros(6).u16(1).zeros(16);
    writer.u16(rendition.width).u16(rendition.height).u32(0x480000).u32(0x480000);  // 72 dpi
    writer.u32(0).u16(1).zeros(32).u16(0x18).u16(0xFFFF);
    {
        const Box avcC(writer, "avcC");
        writer.bytes(configuration);
    }
    {
        const Box colr(writer, "colr");
        writer.text("nclx").u16(1).u16(1).u16(1).u8(0);  // BT.709, limited range
    }
    {
        const Box pasp(writer, "pasp");
        writer.u32(1).u32(1);
    }
    bitRate(writer, rendition);
}

// ISO/IEC 14496-14 §3.1.2 and ISO/IEC 14496-1 §7.2.6.5
void elementaryStream(ByteWriter& writer, const media::Rendition& rendition, ByteView configuration) {
    const FullBox esds(writer, "esds", 0, 0);
    const std::size_t decoderSize = 13 + 2 + configuration.size();
    writer.u8(3).u8(3 + 2 + decoderSize + 3).u16(0).u8(0);
    writer.u8(4).u8(decoderSize).u8(0x40).u8(0x15).u24(0).u32(rendition.bitrate).u32(rendition.bitrate);
    writer.u8(5).u8(configuration.size()).bytes(configuration);
    writer.u8(6).u8(1).u8(2);
}

void aacSampleEntry(ByteWriter& writer, const media::Rendition& rendition, const media::TrackGrid& track,
                    ByteView configuration) {
    const Box mp4a(writer, "mp4a");
    writer.zeros(6).u16(1).zeros(8);
    writer.u16(rendition.channels).u16(16).u32(0).u32(track.timescale << 16);
    elementaryStream(writer, rendition, configuration);
    bitRate(writer, rendition);
}

void dataInformation(ByteWriter& writer) {
    const Box dinf(writer, "dinf");
    const FullBox dref(writer, "dref", 0, 0);
    writer.u32(1);
    const FullBox url(writer, "url ", 0, 1);  // the media is in this file
}

void sampleTable(ByteWriter& writer, const media::Rendition& rendition, const media::TrackGrid& track,
                 ByteView configuration) {
    const Box stbl(writer, "stbl");
    {
        const FullBox stsd(writer, "stsd", 0, 0);
        writer.u32(1);
        if (rendition.kind == MediaKind::Video)
            avcSampleEntry(writer, rendition, configuration);
        else
            aacSampleEntry(writer, rendition, track, configuration);
    }
    for (const std::string_view type : {"stts", "stsc"}) {
        const FullBox box(writer, type, 0, 0);
        writer.u32(0);
    }
    {
        const FullBox stsz(writer, "stsz", 0, 0);
        writer.u32(0).u32(0);
    }
    const FullBox stco(writer, "stco", 0, 0);
    writer.u32(0);
}

void mediaInformation(ByteWriter& writer, const media::Rendition& rendition, const media::TrackGrid& track,
                      ByteView configuration) {
    const Box minf(writer, "minf");
    if (rendition.kind == MediaKind::Video) {
        const FullBox vmhd(writer, "vmhd", 0, 1);
        writer.zeros(8);
    } else {
        const FullBox smhd(writer, "smhd", 0, 0);
        writer.zeros(4);
    }
    dataInformation(writer);
    sampleTable(writer, rendition, track, configuration);
}

void movie(ByteWriter& writer, const media::Rendition& rendition, const media::TrackGrid& track,
           ByteView configuration) {
    const Box moov(writer, "moov");
    movieHeader(writer, track.timescale);
    {
        const Box trak(writer, "trak");
        trackHeader(writer, rendition);
        const Box mdia(writer, "mdia");
        mediaHeader(writer, track.timescale);
        handler(writer, rendition.kind);
        mediaInformation(writer, rendition, track, configuration);
    }
    const Box mvex(writer, "mvex");
    const FullBox trex(writer, "trex", 0, 0);
    writer.u32(kTrackId).u32(1).u32(0).u32(0).u32(0);
}

Result<void> checkConfiguration(MediaKind kind, ByteView configuration) {
    if (kind == MediaKind::Video) {
        if (LIVE_TRY(media::h264::parseConfiguration(configuration)).nalLengthSize != 4)
            return fail(ErrorCode::Protocol, "samples of the ladder have 4-byte NAL unit lengths");
        return {};
    }
    LIVE_TRY(media::aac::parseConfiguration(configuration));
    if (configuration.size() > 64)  // one-byte descriptor lengths
        return fail(ErrorCode::Protocol, "an AudioSpecificConfig has at most 64 bytes");
    return {};
}

}  // namespace

Result<store::Init> makeInit(const media::Rendition& rendition, const media::TrackGrid& track, ByteView configuration) {
    LIVE_TRY(checkConfiguration(rendition.kind, configuration));
    ByteWriter writer;
    writer.reserve(1024);
    fileType(writer);
    movie(writer, rendition, track, configuration);
    Buffer bytes(writer.take());
    std::string name = "init-" + sha256Hex(bytes.view()).substr(0, 8) + ".mp4";
    return store::Init{std::move(name), std::move(bytes)};
}

Result<Buffer> configurationOf(const store::Init& init, MediaKind kind) {
    const ByteView bytes = init.bytes.view();
    const auto found = std::ranges::search(bytes, asBytes(kind == MediaKind::Video ? "avcC" : "esds"));
    const auto type = static_cast<std::size_t>(found.begin() - bytes.begin());
    if (found.empty() || type < 4) return fail(ErrorCode::Protocol, "not an init of ours");
    ByteReader reader(bytes.subspan(type - 4));
    const std::size_t boxSize = reader.u32();
    std::size_t offset = 8, size = boxSize - 8;
    if (kind == MediaKind::Audio) {
        constexpr std::size_t kBeforeSize = 4 + 4 + 5 + 15 + 1;  // up to the length of the DecoderSpecificInfo
        reader.skip(kBeforeSize);
        size = reader.u8();
        offset = reader.position();
    }
    reader = ByteReader(bytes.subspan(type - 4));
    reader.skip(offset);
    Buffer configuration = Buffer::copyOf(reader.bytes(size));
    if (reader.failed() || boxSize < 8 || !checkConfiguration(kind, configuration.view()))
        return fail(ErrorCode::Protocol, "not an init of ours");
    return configuration;
}

}  // namespace live::package::cmaf
