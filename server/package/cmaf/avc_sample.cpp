#include "server/package/cmaf/avc_sample.h"

#include <algorithm>

#include "server/media/h264.h"

namespace live::package::cmaf {

namespace {

using media::h264::NalType;

enum class Fate : std::uint8_t { Kept, LeftOut, Refused };

Fate fateOf(ByteView nal, ByteView configuration) {
    switch (media::h264::nalType(nal)) {
        case NalType::AccessUnitDelimiter:
        case NalType::Filler: return Fate::LeftOut;
        case NalType::SequenceParameterSet:
        case NalType::PictureParameterSet:
            return std::ranges::search(configuration, nal).empty() ? Fate::Refused : Fate::LeftOut;
        default: return Fate::Kept;
    }
}

Buffer keptOnly(ByteView sample, ByteView configuration) {
    ByteWriter kept;
    for (media::h264::NalReader nals(sample); const auto nal = nals.next();)
        if (fateOf(*nal, configuration) == Fate::Kept) kept.u32(nal->size()).bytes(*nal);
    return Buffer(kept.take());
}

}  // namespace

Result<AvcSample> avcSample(const Buffer& data, ByteView configuration) {
    bool hasIdr = false, hasOther = false, isFiltered = false;
    media::h264::NalReader nals(data.view());
    while (const auto nal = nals.next()) {
        const Fate fate = fateOf(*nal, configuration);
        if (fate == Fate::Refused)
            return fail(ErrorCode::Protocol, "a parameter set inside a sample differs from the track's configuration");
        isFiltered |= fate == Fate::LeftOut;
        const NalType type = media::h264::nalType(*nal);
        hasIdr |= type == NalType::IdrSlice;
        hasOther |= type >= NalType::Slice && type < NalType::IdrSlice;
    }
    if (nals.failed()) return fail(ErrorCode::Protocol, "the NAL unit lengths of a sample do not add up to its size");
    if (hasIdr == hasOther) return fail(ErrorCode::Protocol, "a sample must hold one picture, IDR or not");
    return AvcSample{isFiltered ? keptOnly(data.view(), configuration) : data, hasIdr};
}

}  // namespace live::package::cmaf
