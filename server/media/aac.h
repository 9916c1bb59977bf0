// What the server reads of AAC: the AudioSpecificConfig, ISO/IEC 14496-3 §1.6.2.1. Any thread.
#pragma once

#include <string>

#include "common/base/bytes.h"
#include "common/base/error.h"

namespace live::media::aac {

struct Configuration {
    std::uint8_t objectType = 2;           // of the core: 2 is AAC-LC
    std::uint32_t sampleRate = 0;          // of the core, Hz; 1 to 96000
    std::uint8_t channels = 0;             // of the core, 1 to 24
    bool hasSbr = false;                   // HE-AAC is signalled
    bool hasPs = false;                    // HE-AAC v2 is signalled: mono core, stereo out
    std::uint32_t outputSampleRate = 0;    // what a decoder with SBR gives
    std::uint16_t samplesPerFrame = 1024;  // of the core: 1024 or 960
};

// Protocol for anything cut short or out of range, Unsupported for object types that are not AAC (named by number).
Result<Configuration> parseConfiguration(ByteView record);

// RFC 6381 §3.3: "mp4a.40.2"; .5 with SBR, .29 with PS.
std::string codecString(const Configuration& configuration);

}  // namespace live::media::aac
