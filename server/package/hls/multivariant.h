// The multivariant playlist (rfc8216bis §4.4.6): /live/{stream}/master.m3u8.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "server/media/plan.h"

namespace live::package::hls {

struct RenditionEntry {
    const media::Rendition& rendition;
    std::string codec;                   // RFC 6381
    BitsPerSecond averageBandwidth = 0;  // of this rendition alone, boxes included
    bool isShed = false;
};

struct Multivariant {
    const media::BroadcastPlan& plan;
    std::vector<RenditionEntry> renditions;  // as in the plan
};

// BANDWIDTH of the variant of one video rendition with the audio: no segment of the two together ever needs more.
//   VBV lets a segment of d seconds hold maxrate · d + buffer bits; audio is counted with a quarter more for the
//   encoder's bit reservoir; boxes are counted exactly. Rounded up to 1 kbit/s.
BitsPerSecond peakBandwidth(const media::BroadcastPlan& plan, std::size_t video);

std::string write(const Multivariant& playlist);

}  // namespace live::package::hls
