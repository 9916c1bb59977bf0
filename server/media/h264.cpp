#include "server/media/h264.h"

#include "server/media/bit_reader.h"

namespace live::media::h264 {

namespace {

constexpr std::size_t kMaxSps = 31;
constexpr std::size_t kMaxPps = 255;

// Profiles whose record carries chroma format and bit depths (14496-15 §5.3.3.1.2: 100, 110, 122, 144; decoders
// and muxers in the field write them for every profile that has the fields in its SPS).
bool hasChromaFields(std::uint8_t profile) { return profile != 66 && profile != 77 && profile != 88; }

Result<std::vector<Bytes>> readParameterSets(ByteReader& reader, std::size_t count, NalType type) {
    std::vector<Bytes> sets;
    for (std::size_t i = 0; i < count; ++i) {
        const ByteView nal = reader.bytes(reader.u16());
        if (reader.failed()) return fail(ErrorCode::Protocol, "the H.264 configuration record is cut short");
        if (nal.empty()) continue;
        if (nalType(nal) != type) {
            return fail(ErrorCode::Protocol, "the H.264 configuration record has a NAL unit of type " +
                                                 std::to_string(nal[0] & 0x1F) + " where one of type " +
                                                 std::to_string(static_cast<int>(type)) + " belongs");
        }
        sets.emplace_back(nal.begin(), nal.end());
    }
    return sets;
}

void writeParameterSets(ByteWriter& writer, const std::vector<Bytes>& sets, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
        const ByteView set = ByteView(sets[i]).first(std::min<std::size_t>(sets[i].size(), 0xFFFF));
        writer.u16(set.size()).bytes(set);
    }
}

// profile_idc, constraint flags and level_idc are the first bytes of every SPS.
Result<void> takeProfileFromSps(Configuration& configuration) {
    const Bytes& sps = configuration.sequenceParameterSets.front();
    if (sps.size() < 4) return fail(ErrorCode::Protocol, "the H.264 sequence parameter set is cut short");
    configuration.profile = sps[1];
    configuration.compatibility = sps[2];
    configuration.level = sps[3];
    return {};
}

}  // namespace

Result<Configuration> parseConfiguration(ByteView record) {
    ByteReader reader(record);
    Configuration configuration;
    const std::uint8_t version = reader.u8();
    configuration.profile = reader.u8();
    configuration.compatibility = reader.u8();
    configuration.level = reader.u8();
    configuration.nalLengthSize = static_cast<std::uint8_t>((reader.u8() & 3) + 1);
    const std::size_t spsCount = reader.u8() & 0x1F;
    if (reader.failed()) return fail(ErrorCode::Protocol, "the H.264 configuration record is cut short");
    if (version != 1) {
        return fail(ErrorCode::Protocol,
                    "the H.264 configuration record has version " + std::to_string(version) + ", not 1");
    }
    configuration.sequenceParameterSets = LIVE_TRY(readParameterSets(reader, spsCount, NalType::SequenceParameterSet));
    const std::size_t ppsCount = reader.u8();
    configuration.pictureParameterSets = LIVE_TRY(readParameterSets(reader, ppsCount, NalType::PictureParameterSet));
    if (configuration.sequenceParameterSets.empty() || configuration.pictureParameterSets.empty()) {
        return fail(ErrorCode::Protocol, "the H.264 configuration record has no SPS or no PPS");
    }
    return configuration;
}

Bytes serialize(const Configuration& configuration) {
    const std::size_t spsCount = std::min(configuration.sequenceParameterSets.size(), kMaxSps);
    const std::size_t ppsCount = std::min(configuration.pictureParameterSets.size(), kMaxPps);
    ByteWriter writer;
    writer.u8(1).u8(configuration.profile).u8(configuration.compatibility).u8(configuration.level);
    writer.u8(0xFC | (configuration.nalLengthSize - 1)).u8(0xE0 | spsCount);
    writeParameterSets(writer, configuration.sequenceParameterSets, spsCount);
    writer.u8(ppsCount);
    writeParameterSets(writer, configuration.pictureParameterSets, ppsCount);
    if (hasChromaFields(configuration.profile) && spsCount > 0) {
        if (const auto sps = parseSps(configuration.sequenceParameterSets.front())) {
            // Luma and chroma have the same depth in everything the decoders we feed can take.
            const int depth = 0xF8 | (sps->bitDepth - 8);
            writer.u8(0xFC | sps->chromaFormat).u8(depth).u8(depth).u8(0);
        }
    }
    return writer.take();
}

std::string codecString(const Configuration& configuration) {
    return "avc1." + toHex(Bytes{configuration.profile, configuration.compatibility, configuration.level});
}

std::vector<ByteView> splitAnnexB(ByteView stream) {
    std::vector<ByteView> nals;
    std::size_t start = SIZE_MAX;  // of the NAL unit that is being read; none before the first start code
    const auto close = [&](std::size_t end) {
        if (start == SIZE_MAX) return;
        while (end > start && stream[end - 1] == 0) --end;
        if (end > start) nals.push_back(stream.subspan(start, end - start));
    };
    for (std::size_t i = 0; i + 3 <= stream.size();) {
        if (stream[i + 2] > 1) {
            i += 3;
        } else if (stream[i] == 0 && stream[i + 1] == 0 && stream[i + 2] == 1) {
            close(i);
            start = i += 3;
        } else {
            ++i;
        }
    }
    close(stream.size());
    return nals;
}

Result<Bytes> configurationFromAnnexB(ByteView stream) {
    Configuration configuration;
    for (const ByteView nal : splitAnnexB(stream)) {
        if (nalType(nal) == NalType::SequenceParameterSet) {
            configuration.sequenceParameterSets.emplace_back(nal.begin(), nal.end());
        } else if (nalType(nal) == NalType::PictureParameterSet) {
            configuration.pictureParameterSets.emplace_back(nal.begin(), nal.end());
        }
    }
    if (configuration.sequenceParameterSets.empty() || configuration.pictureParameterSets.empty()) {
        return fail(ErrorCode::Protocol, "the H.264 stream has no SPS or no PPS");
    }
    LIVE_TRY(takeProfileFromSps(configuration));
    return serialize(configuration);
}

std::optional<ByteView> NalReader::next() {
    while (!m_rest.empty() && !m_failed) {
        std::size_t length = 0;
        m_failed = m_rest.size() < m_lengthSize;
        for (std::size_t i = 0; !m_failed && i < m_lengthSize; ++i) length = length << 8 | m_rest[i];
        m_failed = m_failed || length > m_rest.size() - m_lengthSize;
        if (m_failed) break;
        const ByteView nal = m_rest.subspan(m_lengthSize, length);
        m_rest = m_rest.subspan(m_lengthSize + length);
        if (!nal.empty()) return nal;
    }
    return std::nullopt;
}

Result<Bytes> withFourByteLengths(ByteView sample, std::size_t lengthSize) {
    ByteWriter writer;
    writer.reserve(sample.size() + 64);
    NalReader nals(sample, lengthSize);
    while (const auto nal = nals.next()) writer.u32(nal->size()).bytes(*nal);
    if (nals.failed()) return fail(ErrorCode::Protocol, "a NAL unit's length reaches past the end of its frame");
    if (writer.size() == 0) return fail(ErrorCode::Protocol, "a video frame has no NAL units");
    return writer.take();
}

bool containsIdr(ByteView sample) {
    NalReader nals(sample);
    while (const auto nal = nals.next()) {
        if (nalType(*nal) == NalType::IdrSlice) return true;
    }
    return false;
}

Bytes unescape(ByteView nal) {
    Bytes payload;
    payload.reserve(nal.size());
    std::size_t zeros = 0;
    for (const std::uint8_t byte : nal) {
        if (zeros >= 2 && byte == 3) {
            zeros = 0;
            continue;
        }
        zeros = byte == 0 ? zeros + 1 : 0;
        payload.push_back(byte);
    }
    return payload;
}

}  // namespace live::media::h264
