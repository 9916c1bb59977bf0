// What the server reads of H.264: decoder configuration, sequence parameters, NAL units, captions. Any thread.
// Everything here comes from broadcasters: nothing outside the given view is read, every count is bounded.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/base/bytes.h"
#include "common/base/error.h"
#include "common/base/time.h"

namespace live::media::h264 {

// nal_unit_type, ISO/IEC 14496-10 table 7-1.
enum class NalType : std::uint8_t {
    Slice = 1,
    IdrSlice = 5,
    Sei = 6,
    SequenceParameterSet = 7,
    PictureParameterSet = 8,
    AccessUnitDelimiter = 9,
    EndOfSequence = 10,
    EndOfStream = 11,
    Filler = 12,
    SpsExtension = 13,
};

// The type of a NAL unit that starts with its header byte; `nal` must not be empty.
inline NalType nalType(ByteView nal) { return static_cast<NalType>(nal[0] & 0x1F); }

// AVCDecoderConfigurationRecord, ISO/IEC 14496-15 §5.3.3.1. At least one of each parameter set.
struct Configuration {
    std::uint8_t profile = 0;                  // profile_idc: 66 baseline, 77 main, 100 high, …
    std::uint8_t compatibility = 0;            // constraint_set flags
    std::uint8_t level = 0;                    // level_idc: 31 is 3.1
    std::uint8_t nalLengthSize = 4;            // 1 to 4
    std::vector<Bytes> sequenceParameterSets;  // NAL units with header
    std::vector<Bytes> pictureParameterSets;
};

// Protocol for anything cut short, empty or without SPS and PPS.
Result<Configuration> parseConfiguration(ByteView record);

// The record's bytes, with the chroma and depth fields that high profiles add. At most 31 SPS and 255 PPS of at most
// 65535 bytes each are written.
Bytes serialize(const Configuration& configuration);

// RFC 6381 §3.3: "avc1.64001f".
std::string codecString(const Configuration& configuration);

// What an encoder calls extradata (SPS and PPS with start codes, ISO/IEC 14496-10 annex B; other NAL units are left
// out) as a configuration record with 4-byte lengths. Protocol if a parameter set is missing.
Result<Bytes> configurationFromAnnexB(ByteView stream);

// The NAL units of an annex B stream, without start codes and trailing zeros. The views point into `stream`.
std::vector<ByteView> splitAnnexB(ByteView stream);

// Walks the NAL units of a length-prefixed sample (ISO/IEC 14496-15 §5.3.4.2). Empty NAL units are skipped.
//   for (NalReader nals(sample); auto nal = nals.next();) …
class NalReader {
public:
    explicit NalReader(ByteView sample, std::size_t lengthSize = 4) : m_rest(sample), m_lengthSize(lengthSize) {}

    // The next NAL unit, nothing at the end or when a length reaches past the sample: failed() tells which.
    std::optional<ByteView> next();
    bool failed() const { return m_failed; }

private:
    ByteView m_rest;
    std::size_t m_lengthSize;
    bool m_failed = false;
};

// The same sample with 4-byte lengths; Protocol if a length reaches past the end or nothing is left.
Result<Bytes> withFourByteLengths(ByteView sample, std::size_t lengthSize);

// True if the sample (4-byte lengths) has an IDR slice, or caption data (CEA-608/708 in a registered ITU-T T.35 SEI
// message, ATSC A/53 part 4 "GA94"), be it padding: there is a caption encoder then, and somebody will speak.
bool containsIdr(ByteView sample);
bool containsCaptions(ByteView sample);

// The payload of a NAL unit, header byte included, without emulation prevention bytes (§7.4.1.1).
Bytes unescape(ByteView nal);

// seq_parameter_set_data and VUI, §7.3.2.1.1 and annex E. Values that are absent have the standard's defaults.
struct SequenceParameters {
    std::uint8_t profile = 0;
    std::uint8_t level = 0;
    std::uint8_t chromaFormat = 1;  // 0 monochrome, 1 4:2:0, 2 4:2:2, 3 4:4:4
    std::uint8_t bitDepth = 8;      // of luma
    std::uint32_t width = 0;        // pixels after cropping, 1 to 16384
    std::uint32_t height = 0;
    bool isInterlaced = false;  // frame_mbs_only_flag is 0: may hold fields
    Rational sampleAspectRatio{1, 1};
    std::optional<Rational> frameRate;  // time_scale / (2 · num_units_in_tick); a hint when the rate isn't fixed
    bool isFrameRateFixed = false;
    bool isFullRange = false;
    std::uint8_t colourPrimaries = 2;          // ISO/IEC 23091-2; 2: unspecified
    std::uint8_t transferCharacteristics = 2;  // 16 PQ, 18 HLG
    std::uint8_t matrixCoefficients = 2;
    std::optional<std::uint32_t> maxReorderFrames;  // 0: no B-frames

    bool isHdr() const { return transferCharacteristics == 16 || transferCharacteristics == 18; }
};

// `nal` is an SPS with its header byte, escaped as transmitted. A broken VUI is taken as absent, as decoders do;
// Protocol for anything else that is broken, Unsupported for pictures over 16384 a side.
Result<SequenceParameters> parseSps(ByteView nal);

}  // namespace live::media::h264
