#include "server/stream/input_description.h"

#include "server/media/aac.h"
#include "server/media/h264.h"

namespace live::stream {

namespace {

Result<void> describeVideo(const media::Track& track, InputStats& description) {
    const auto configuration = LIVE_TRY(media::h264::parseConfiguration(track.configuration.view()));
    const auto sps = LIVE_TRY(media::h264::parseSps(configuration.sequenceParameterSets.front()));
    if (sps.isHdr())
        return fail(ErrorCode::Unsupported, std::string("the video is HDR (") +
                                                (sps.transferCharacteristics == 16 ? "PQ" : "HLG") +
                                                "); set the encoder to SDR, BT.709");
    description.videoCodec = media::h264::codecString(configuration);
    description.width = sps.width;
    description.height = sps.height;
    return {};
}

Result<void> describeAudio(const media::Track& track, InputStats& description) {
    const auto configuration = LIVE_TRY(media::aac::parseConfiguration(track.configuration.view()));
    description.audioCodec = media::aac::codecString(configuration);
    description.sampleRate = configuration.outputSampleRate;
    description.channels = configuration.channels;
    return {};
}

}  // namespace

Result<void> describeTrack(const media::Track& track, InputStats& description) {
    return track.kind == media::MediaKind::Video ? describeVideo(track, description)
                                                 : describeAudio(track, description);
}

}  // namespace live::stream
