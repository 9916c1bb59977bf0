#include "server/package/cmaf/fragment.h"

#include "server/package/cmaf/box.h"

namespace live::package::cmaf {

namespace {

using media::MediaKind;

constexpr std::uint32_t kSync = 0x02000000;     // depends on no other sample
constexpr std::uint32_t kNonSync = 0x01010000;  // depends on others, is not a sync sample
constexpr std::size_t kBoxHeader = 8;
constexpr std::size_t kMfhdSize = 16;
constexpr std::size_t kTfdtSize = 20;
constexpr std::size_t kStypSize = kBoxHeader + 8 + 5 * 4;

struct TrackFragmentForm {
    std::uint32_t trunFlags;
    std::size_t fixedTrunFields;  // bytes between the sample count and the first sample
    std::size_t bytesPerSample;
};

// tr_flags of ISO/IEC 14496-12 §8.8.8: data offset, first sample flags, then per sample duration, size, composition
// offset.
constexpr TrackFragmentForm kVideo{0x000B05, 8, 12};
// Data offset and size: the duration is the default of tfhd.
constexpr TrackFragmentForm kAudio{0x000201, 4, 4};

constexpr const TrackFragmentForm& form(MediaKind kind) { return kind == MediaKind::Video ? kVideo : kAudio; }

std::size_t movieFragmentSize(MediaKind kind, std::size_t sampleCount) {
    constexpr std::size_t kTfhdSize = 24, kTrunSize = 16;
    return kBoxHeader + kMfhdSize + kBoxHeader + kTfhdSize + kTfdtSize + kTrunSize + form(kind).fixedTrunFields +
           sampleCount * form(kind).bytesPerSample;
}

void segmentType(ByteWriter& writer) {
    const Box styp(writer, "styp");
    writer.text("msdh").u32(0).text("msdh").text("msix").text("cmfs").text("cmff").text("cmfl");
}

void trackFragmentHeader(ByteWriter& writer, const Fragment& fragment) {
    {
        const FullBox tfhd(writer, "tfhd", 0, 0x020028);  // default-base-is-moof, default duration, default flags
        writer.u32(1).u32(fragment.samples[0].duration).u32(fragment.kind == MediaKind::Audio ? kSync : kNonSync);
    }
    const FullBox tfdt(writer, "tfdt", 1, 0);
    writer.u64(fragment.decodeTime);
}

void trackRun(ByteWriter& writer, const Fragment& fragment, std::size_t moofSize) {
    const FullBox trun(writer, "trun", 1, form(fragment.kind).trunFlags);
    writer.u32(fragment.samples.size()).u32(moofSize + kBoxHeader);
    if (fragment.kind == MediaKind::Audio) {
        for (const Sample& sample : fragment.samples) writer.u32(sample.data.size());
        return;
    }
    writer.u32(fragment.startsWithKey ? kSync : kNonSync);
    for (const Sample& sample : fragment.samples) writer.u32(sample.duration).u32(sample.data.size()).u32(0);
}

}  // namespace

Buffer writeFragment(const Fragment& fragment) {
    std::size_t dataSize = 0;
    for (const Sample& sample : fragment.samples) dataSize += sample.data.size();
    const std::size_t moofSize = movieFragmentSize(fragment.kind, fragment.samples.size());

    ByteWriter writer;
    writer.reserve(fragmentOverhead(fragment.kind, fragment.position, fragment.samples.size()) + dataSize);
    if (fragment.position == FragmentPosition::SegmentStart) segmentType(writer);
    {
        const Box moof(writer, "moof");
        {
            const FullBox mfhd(writer, "mfhd", 0, 0);
            writer.u32(fragment.sequence);
        }
        const Box traf(writer, "traf");
        trackFragmentHeader(writer, fragment);
        trackRun(writer, fragment, moofSize);
    }
    {
        const Box mdat(writer, "mdat");
        for (const Sample& sample : fragment.samples) writer.bytes(sample.data.view());
    }
    return Buffer(writer.take());
}

std::size_t fragmentOverhead(MediaKind kind, FragmentPosition position, std::size_t sampleCount) {
    return (position == FragmentPosition::SegmentStart ? kStypSize : 0) + movieFragmentSize(kind, sampleCount) +
           kBoxHeader;
}

Result<FragmentContent> readFragment(const Buffer& bytes) {
    const auto broken = [] { return fail(ErrorCode::Protocol, "not a fragment of ours"); };
    ByteReader reader(bytes.view());
    std::uint32_t boxSize = reader.u32();
    if (reader.text(4) == "styp" && boxSize == kStypSize) {
        reader.skip(kStypSize - kBoxHeader);
        boxSize = reader.u32();
        reader.skip(4);
    }
    const std::size_t moofStart = reader.position() - std::min(reader.position(), kBoxHeader);
    reader.skip(kMfhdSize + kBoxHeader + 16);  // up to the default duration in tfhd
    const std::uint32_t defaultDuration = reader.u32();
    reader.skip(4 + kTfdtSize + kBoxHeader);  // the rest of tfhd, up to the flags of trun
    const std::uint32_t flags = reader.u32() & 0xFFFFFF;
    const MediaKind kind = flags == kVideo.trunFlags ? MediaKind::Video : MediaKind::Audio;
    const std::size_t count = reader.u32();
    if (reader.failed() || flags != form(kind).trunFlags || count == 0 ||
        count > reader.remaining() / form(kind).bytesPerSample || boxSize != movieFragmentSize(kind, count))
        return broken();
    reader.skip(4);

    FragmentContent content;
    content.startsWithKey = kind == MediaKind::Audio || reader.u32() == kSync;
    std::size_t dataOffset = moofStart + boxSize + kBoxHeader;
    for (std::size_t i = 0; i < count; ++i) {
        const std::uint32_t duration = kind == MediaKind::Video ? reader.u32() : defaultDuration;
        const std::size_t size = reader.u32();
        if (kind == MediaKind::Video) reader.skip(4);
        if (size > bytes.size() - std::min(bytes.size(), dataOffset)) return broken();
        content.samples.push_back({bytes.slice(dataOffset, size), duration});
        dataOffset += size;
    }
    if (reader.failed() || dataOffset != bytes.size()) return broken();
    return content;
}

}  // namespace live::package::cmaf
