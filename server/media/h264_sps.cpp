// Sequence parameter sets: ISO/IEC 14496-10 §7.3.2.1.1, annex E.
#include <array>
#include <numeric>

#include "common/model/limits.h"
#include "server/media/bit_reader.h"
#include "server/media/h264.h"

namespace live::media::h264 {

namespace {

constexpr std::uint32_t kMaxSide = 16384;
constexpr std::uint32_t kExtendedSar = 255;

// Table E-1, aspect_ratio_idc 1 to 16.
constexpr std::array<Rational, 16> kAspectRatios{{{1, 1},
                                                  {12, 11},
                                                  {10, 11},
                                                  {16, 11},
                                                  {40, 33},
                                                  {24, 11},
                                                  {20, 11},
                                                  {32, 11},
                                                  {80, 33},
                                                  {18, 11},
                                                  {15, 11},
                                                  {64, 33},
                                                  {160, 99},
                                                  {4, 3},
                                                  {3, 2},
                                                  {2, 1}}};

// Nothing if the fraction does not fit: no frame rate of this world needs more than 32 bits.
std::optional<Rational> reduced(std::uint64_t numerator, std::uint64_t denominator) {
    const std::uint64_t divisor = std::gcd(numerator, denominator);
    numerator /= divisor;
    denominator /= divisor;
    if (numerator > UINT32_MAX || denominator > UINT32_MAX) return std::nullopt;
    return Rational{static_cast<std::uint32_t>(numerator), static_cast<std::uint32_t>(denominator)};
}

bool hasChromaFormat(std::uint32_t profile) {
    for (const std::uint32_t high : {100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135}) {
        if (profile == high) return true;
    }
    return false;
}

void skipScalingList(BitReader& bits, int size) {
    std::int32_t last = 8, next = 8;
    for (int i = 0; i < size && !bits.failed(); ++i) {
        if (next != 0) next = (last + bits.signedGolomb() % 256 + 256) % 256;
        last = next == 0 ? last : next;
    }
}

void skipScalingMatrix(BitReader& bits, std::uint32_t chromaFormat) {
    const int lists = chromaFormat == 3 ? 12 : 8;
    for (int i = 0; i < lists; ++i) {
        if (bits.flag()) skipScalingList(bits, i < 6 ? 16 : 64);
    }
}

void skipPictureOrderCount(BitReader& bits) {
    const std::uint32_t type = bits.unsignedGolomb();
    if (type == 0) {
        bits.unsignedGolomb();  // log2_max_pic_order_cnt_lsb_minus4
    } else if (type == 1) {
        bits.skip(1);  // delta_pic_order_always_zero_flag
        bits.signedGolomb();
        bits.signedGolomb();
        const std::uint32_t cycle = bits.unsignedGolomb();  // at most 255
        for (std::uint32_t i = 0; i < cycle && i < 256 && !bits.failed(); ++i) bits.signedGolomb();
    }
}

void skipHrd(BitReader& bits) {
    const std::uint32_t count = bits.unsignedGolomb() + 1;  // at most 32
    bits.skip(8);
    for (std::uint32_t i = 0; i < count && i < 32 && !bits.failed(); ++i) {
        bits.unsignedGolomb();
        bits.unsignedGolomb();
        bits.skip(1);
    }
    bits.skip(20);
}

void readAspectRatio(BitReader& bits, SequenceParameters& sps) {
    const std::uint32_t index = bits.bits(8);
    if (index == kExtendedSar) {
        const std::uint32_t width = bits.bits(16), height = bits.bits(16);
        if (width == 0 || height == 0) return;
        if (const auto ratio = reduced(width, height)) sps.sampleAspectRatio = *ratio;
    } else if (index >= 1 && index <= kAspectRatios.size()) {
        sps.sampleAspectRatio = kAspectRatios[index - 1];
    }
}

void readVideoSignal(BitReader& bits, SequenceParameters& sps) {
    bits.skip(3);  // video_format
    sps.isFullRange = bits.flag();
    if (!bits.flag()) return;
    sps.colourPrimaries = static_cast<std::uint8_t>(bits.bits(8));
    sps.transferCharacteristics = static_cast<std::uint8_t>(bits.bits(8));
    sps.matrixCoefficients = static_cast<std::uint8_t>(bits.bits(8));
}

void readTiming(BitReader& bits, SequenceParameters& sps) {
    const std::uint64_t unitsInTick = bits.bits(32);
    const std::uint64_t timeScale = bits.bits(32);
    sps.isFrameRateFixed = bits.flag();
    if (unitsInTick != 0 && timeScale != 0) sps.frameRate = reduced(timeScale, 2 * unitsInTick);
}

// §E.1.1, up to max_num_reorder_frames.
void readVui(BitReader& bits, SequenceParameters& sps) {
    if (bits.flag()) readAspectRatio(bits, sps);
    if (bits.flag()) bits.skip(1);  // overscan
    if (bits.flag()) readVideoSignal(bits, sps);
    if (bits.flag()) {  // chroma_loc
        bits.unsignedGolomb();
        bits.unsignedGolomb();
    }
    if (bits.flag()) readTiming(bits, sps);
    const bool hasNalHrd = bits.flag();
    if (hasNalHrd) skipHrd(bits);
    const bool hasVclHrd = bits.flag();
    if (hasVclHrd) skipHrd(bits);
    if (hasNalHrd || hasVclHrd) bits.skip(1);  // low_delay_hrd_flag
    bits.skip(1);                              // pic_struct_present_flag
    if (!bits.flag()) return;
    bits.skip(1);  // motion_vectors_over_pic_boundaries_flag
    for (int i = 0; i < 4; ++i) bits.unsignedGolomb();
    const std::uint32_t reorder = bits.unsignedGolomb();
    if (!bits.failed()) sps.maxReorderFrames = reorder;
}

std::unexpected<Error> broken(const char* what) {
    return fail(ErrorCode::Protocol, std::string("the H.264 sequence parameter set is broken: ") + what);
}

// chroma_format_idc to the scaling matrices, in the profiles that have them. Returns separate_colour_plane_flag.
Result<bool> readChroma(BitReader& bits, SequenceParameters& sps) {
    if (!hasChromaFormat(sps.profile)) return false;
    const std::uint32_t chromaFormat = bits.unsignedGolomb();
    if (chromaFormat > 3) return broken("chroma_format_idc");
    const bool hasSeparatePlanes = chromaFormat == 3 && bits.flag();
    const std::uint32_t luma = bits.unsignedGolomb(), chroma = bits.unsignedGolomb();
    if (luma > 6 || chroma > 6) return broken("bit depth");
    sps.chromaFormat = static_cast<std::uint8_t>(chromaFormat);
    sps.bitDepth = static_cast<std::uint8_t>(8 + std::max(luma, chroma));
    bits.skip(1);  // qpprime_y_zero_transform_bypass_flag
    if (bits.flag()) skipScalingMatrix(bits, chromaFormat);
    return hasSeparatePlanes;
}

// pic_width_in_mbs_minus1 to the cropping offsets (equations 7-19 to 7-22).
Result<void> readSize(BitReader& bits, bool hasSeparatePlanes, SequenceParameters& sps) {
    const std::uint64_t widthInMbs = std::uint64_t{bits.unsignedGolomb()} + 1;
    const std::uint64_t heightInUnits = std::uint64_t{bits.unsignedGolomb()} + 1;
    sps.isInterlaced = !bits.flag();
    if (sps.isInterlaced) bits.skip(1);  // mb_adaptive_frame_field_flag
    bits.skip(1);                        // direct_8x8_inference_flag
    const std::uint32_t fieldFactor = sps.isInterlaced ? 2 : 1;
    const std::uint64_t width = widthInMbs * 16, height = heightInUnits * 16 * fieldFactor;
    std::uint64_t cropX = 0, cropY = 0;
    if (bits.flag()) {
        const std::uint32_t format = hasSeparatePlanes ? 0 : sps.chromaFormat;
        const std::uint64_t unitX = format == 1 || format == 2 ? 2 : 1;
        const std::uint64_t unitY = std::uint64_t{format == 1 ? 2u : 1u} * fieldFactor;
        cropX = std::uint64_t{bits.unsignedGolomb()};
        cropX = (cropX + bits.unsignedGolomb()) * unitX;
        cropY = std::uint64_t{bits.unsignedGolomb()};
        cropY = (cropY + bits.unsignedGolomb()) * unitY;
    }
    if (bits.failed() || cropX >= width || cropY >= height) return broken("picture size");
    if (width > kMaxSide || height > kMaxSide) {
        return fail(ErrorCode::Unsupported, "pictures over 16384 pixels a side are not supported; send a smaller size");
    }
    if (width * height > std::uint64_t{kMaxInputPixels}) {
        return fail(ErrorCode::Unsupported, "pictures of " + std::to_string(width) + "x" + std::to_string(height) +
                                                " are not supported, 8192x4352 is the most; send a smaller size");
    }
    sps.width = static_cast<std::uint32_t>(width - cropX);
    sps.height = static_cast<std::uint32_t>(height - cropY);
    return {};
}

}  // namespace

Result<SequenceParameters> parseSps(ByteView nal) {
    if (nal.empty() || nalType(nal) != NalType::SequenceParameterSet) return broken("not an SPS");
    const Bytes rbsp = unescape(nal);
    BitReader bits(ByteView(rbsp).subspan(1));
    SequenceParameters sps;
    sps.profile = static_cast<std::uint8_t>(bits.bits(8));
    bits.skip(8);  // constraint flags
    sps.level = static_cast<std::uint8_t>(bits.bits(8));
    bits.unsignedGolomb();  // seq_parameter_set_id
    const bool hasSeparatePlanes = LIVE_TRY(readChroma(bits, sps));
    bits.unsignedGolomb();  // log2_max_frame_num_minus4
    skipPictureOrderCount(bits);
    bits.unsignedGolomb();  // max_num_ref_frames
    bits.skip(1);           // gaps_in_frame_num_value_allowed_flag
    LIVE_TRY(readSize(bits, hasSeparatePlanes, sps));
    const bool hasVui = bits.flag();
    if (bits.failed()) return broken("cut short");
    if (!hasVui) return sps;
    SequenceParameters withVui = sps;
    readVui(bits, withVui);
    return bits.failed() ? sps : withVui;
}

}  // namespace live::media::h264
