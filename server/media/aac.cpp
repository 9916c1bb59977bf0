#include "server/media/aac.h"

#include <array>

#include "server/media/bit_reader.h"

namespace live::media::aac {

namespace {

constexpr std::uint8_t kSbr = 5;
constexpr std::uint8_t kPs = 29;
constexpr std::uint32_t kSbrSync = 0x2B7;
constexpr std::uint32_t kPsSync = 0x548;

// Table 1.18; 15 means that the rate follows in 24 bits.
constexpr std::array<std::uint32_t, 13> kSampleRates{96000, 88200, 64000, 48000, 44100, 32000, 24000,
                                                     22050, 16000, 12000, 11025, 8000,  7350};
// Table 1.19; 0: given by a program_config_element.
constexpr std::array<std::uint8_t, 16> kChannels{0, 1, 2, 3, 4, 5, 6, 8, 0, 0, 0, 7, 8, 24, 8, 0};

std::uint8_t readObjectType(BitReader& bits) {
    const std::uint32_t type = bits.bits(5);
    return static_cast<std::uint8_t>(type == 31 ? 32 + bits.bits(6) : type);
}

// 0 for a reserved index.
std::uint32_t readSampleRate(BitReader& bits) {
    const std::uint32_t index = bits.bits(4);
    if (index == 15) return bits.bits(24);
    return index < kSampleRates.size() ? kSampleRates[index] : 0;
}

// Table 4.2: front, side, back elements count one or two channels each, LFE elements one.
std::uint8_t readProgramConfigChannels(BitReader& bits) {
    bits.skip(4 + 2 + 4);  // element_instance_tag, object_type, sampling_frequency_index
    std::uint32_t elements = 0;
    for (int i = 0; i < 3; ++i) elements += bits.bits(4);
    const std::uint32_t lfes = bits.bits(2);
    bits.skip(3 + 4);               // assoc_data, valid_cc
    if (bits.flag()) bits.skip(4);  // mono mixdown
    if (bits.flag()) bits.skip(4);  // stereo mixdown
    if (bits.flag()) bits.skip(3);  // matrix mixdown
    std::uint32_t channels = lfes;
    for (std::uint32_t i = 0; i < elements; ++i) {
        channels += bits.flag() ? 2 : 1;
        bits.skip(4);
    }
    return static_cast<std::uint8_t>(channels);
}

// Main, LC, SSR and LTP. The scalable and error resilient ones are not sent live, and decoders for them are rare.
bool isTaken(std::uint8_t objectType) { return objectType >= 1 && objectType <= 4; }

// GASpecificConfig, table 4.1, up to the channel count.
void readGeneralAudio(BitReader& bits, std::uint32_t channelIndex, Configuration& configuration) {
    configuration.samplesPerFrame = bits.flag() ? 960 : 1024;
    if (bits.flag()) bits.skip(14);  // coreCoderDelay
    bits.skip(1);                    // extensionFlag
    configuration.channels = channelIndex == 0 ? readProgramConfigChannels(bits) : kChannels[channelIndex];
}

// The backward compatible signalling at the end: optional, and absent when what is left isn't it.
void readSyncExtension(BitReader& bits, Configuration& configuration) {
    if (configuration.hasSbr || bits.remaining() < 16 || bits.bits(11) != kSbrSync) return;
    if (readObjectType(bits) != kSbr || !bits.flag()) return;
    const std::uint32_t rate = readSampleRate(bits);
    if (bits.failed() || rate == 0) return;
    configuration.hasSbr = true;
    configuration.outputSampleRate = rate;
    if (bits.remaining() >= 12 && bits.bits(11) == kPsSync) configuration.hasPs = bits.flag();
}

}  // namespace

Result<Configuration> parseConfiguration(ByteView record) {
    BitReader bits(record);
    Configuration configuration;
    configuration.objectType = readObjectType(bits);
    configuration.sampleRate = configuration.outputSampleRate = readSampleRate(bits);
    const std::uint32_t channelIndex = bits.bits(4);
    if (configuration.objectType == kSbr || configuration.objectType == kPs) {
        configuration.hasSbr = true;
        configuration.hasPs = configuration.objectType == kPs;
        configuration.outputSampleRate = readSampleRate(bits);
        configuration.objectType = readObjectType(bits);
    }
    if (bits.failed()) return fail(ErrorCode::Protocol, "the AAC configuration is cut short");
    if (!isTaken(configuration.objectType)) {
        return fail(ErrorCode::Unsupported, "MPEG-4 audio object type " + std::to_string(configuration.objectType) +
                                                " is not supported; send AAC-LC");
    }
    readGeneralAudio(bits, channelIndex, configuration);
    if (bits.failed()) return fail(ErrorCode::Protocol, "the AAC configuration is cut short");
    const bool isRateGood = configuration.sampleRate >= 1 && configuration.sampleRate <= 96000 &&
                            configuration.outputSampleRate >= 1 && configuration.outputSampleRate <= 96000;
    if (!isRateGood || configuration.channels == 0 || configuration.channels > 24) {
        return fail(ErrorCode::Protocol,
                    "the AAC configuration is broken: " + std::to_string(configuration.sampleRate) + " Hz, " +
                        std::to_string(configuration.channels) + " channels");
    }
    readSyncExtension(bits, configuration);
    return configuration;
}

std::string codecString(const Configuration& configuration) {
    const int type = configuration.hasPs ? kPs : configuration.hasSbr ? kSbr : configuration.objectType;
    return "mp4a.40." + std::to_string(type);
}

}  // namespace live::media::aac
