#include "server/package/hls/multivariant.h"

#include <algorithm>

#include "server/package/cmaf/fragment.h"
#include "server/package/text.h"

namespace live::package::hls {

namespace {

using cmaf::FragmentPosition;
using media::MediaKind;

constexpr std::string_view kAudioGroup = "audio";
constexpr std::string_view kCaptionsGroup = "captions";

std::string playlistUri(const media::BroadcastPlan& plan, const media::Rendition& rendition) {
    return joined(plan.broadcast.text(), "/", rendition.id.text(), "/index.m3u8");
}

std::string frameRate(Rational rate) {  // three decimals
    const std::string thousandths = std::to_string(mulDivRound(rate.numerator, 1000, rate.denominator));
    return thousandths.substr(0, thousandths.size() - 3) + '.' + thousandths.substr(thousandths.size() - 3);
}

// Bits of boxes in the longest segment of a track.
std::int64_t boxBits(const media::Grid& grid, MediaKind kind, std::int64_t frames) {
    const auto slots = static_cast<std::size_t>(grid.slotsPerSegment());
    const std::size_t perPart = cmaf::fragmentOverhead(kind, FragmentPosition::Inside, 0);
    const std::size_t perFrame = cmaf::fragmentOverhead(kind, FragmentPosition::Inside, 1) - perPart;
    const std::size_t styp = cmaf::fragmentOverhead(kind, FragmentPosition::SegmentStart, 0) - perPart;
    return static_cast<std::int64_t>(8 * (styp + slots * perPart + static_cast<std::size_t>(frames) * perFrame));
}

// Bits a second of what does not grow with the length of the segment, in the shortest segment of a track.
BitsPerSecond perSecond(std::int64_t bits, const media::Grid& grid, const media::TrackGrid& track) {
    const std::int64_t frames = mulDivFloor(grid.segmentDuration().count(), track.timescale, track.frameTicks);
    return mulDivCeil(bits, track.timescale, frames * track.frameTicks);
}

void appendAudio(std::string& out, const media::BroadcastPlan& plan, const RenditionEntry& entry) {
    out += joined("#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"", kAudioGroup,
                  "\",NAME=\"Main\",DEFAULT=YES,AUTOSELECT=YES,CHANNELS=\"", entry.rendition.channels,
                  "\",STABLE-RENDITION-ID=\"", entry.rendition.id.text(), "\",URI=\"",
                  playlistUri(plan, entry.rendition), "\"\n");
}

void appendVariant(std::string& out, const Multivariant& playlist, std::size_t video, const RenditionEntry& audio) {
    const RenditionEntry& entry = playlist.renditions[video];
    const BitsPerSecond peak = peakBandwidth(playlist.plan, video);
    const BitsPerSecond average = std::min(peak, entry.averageBandwidth + audio.averageBandwidth);
    out += joined("#EXT-X-STREAM-INF:BANDWIDTH=", peak, ",AVERAGE-BANDWIDTH=", average, ",CODECS=\"", entry.codec, ",",
                  audio.codec, "\",RESOLUTION=", entry.rendition.width, "x", entry.rendition.height, ",");
    out += joined("FRAME-RATE=", frameRate(playlist.plan.grid.rate()), ",VIDEO-RANGE=SDR,AUDIO=\"", kAudioGroup, "\",");
    // NONE is the truth: without captions in the plan the encoders write none. Left out, Shaka 5.2 looks for captions
    // in the open segment too and dies of its missing URI when it joins in the first seconds of a broadcast.
    out += playlist.plan.captions ? joined("CLOSED-CAPTIONS=\"", kCaptionsGroup, "\",") : "CLOSED-CAPTIONS=NONE,";
    out += joined("STABLE-VARIANT-ID=\"", entry.rendition.id.text(), "\"\n");
    out += playlistUri(playlist.plan, entry.rendition);
    out += '\n';
}

}  // namespace

BitsPerSecond peakBandwidth(const media::BroadcastPlan& plan, std::size_t video) {
    const media::Grid& grid = plan.grid;
    const media::Rendition& picture = plan.renditions[video];
    const media::Rendition& sound = plan.renditions.back();
    BitsPerSecond bandwidth = picture.maxBitrate + perSecond(picture.vbvBits, grid, grid.video());
    bandwidth += sound.bitrate + sound.bitrate / 4;
    bandwidth += perSecond(boxBits(grid, MediaKind::Video, grid.mostFrames(grid.video())), grid, grid.video());
    bandwidth += perSecond(boxBits(grid, MediaKind::Audio, grid.mostFrames(grid.audio())), grid, grid.audio());
    return (bandwidth + 999) / 1000 * 1000;
}

std::string write(const Multivariant& playlist) {
    const RenditionEntry& audio = playlist.renditions.back();
    std::string out = "#EXTM3U\n#EXT-X-VERSION:6\n#EXT-X-INDEPENDENT-SEGMENTS\n";
    appendAudio(out, playlist.plan, audio);
    if (playlist.plan.captions)
        out += joined("#EXT-X-MEDIA:TYPE=CLOSED-CAPTIONS,GROUP-ID=\"", kCaptionsGroup,
                      "\",NAME=\"CC1\",DEFAULT=YES,AUTOSELECT=YES,INSTREAM-ID=\"CC1\"\n");
    for (std::size_t i = 0; i < playlist.renditions.size(); ++i) {
        const RenditionEntry& entry = playlist.renditions[i];
        if (entry.rendition.kind == MediaKind::Video && !entry.isShed) appendVariant(out, playlist, i, audio);
    }
    return out;
}

}  // namespace live::package::hls
