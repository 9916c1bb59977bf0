#include "common/av/ptr.h"

extern "C" {
#include <libavfilter/avfilter.h>
#include <libavutil/error.h>
#include <libavutil/log.h>
}

#include <array>
#include <string>

namespace live::av {

void detail::FilterGraphDeleter::operator()(AVFilterGraph* graph) const { avfilter_graph_free(&graph); }

FramePtr makeFrame() {
    FramePtr frame(av_frame_alloc());
    LIVE_ASSERT(frame);
    return frame;
}

PacketPtr makePacket() {
    PacketPtr packet(av_packet_alloc());
    LIVE_ASSERT(packet);
    return packet;
}

FramePtr newReference(const AVFrame& frame) {
    FramePtr reference = makeFrame();
    LIVE_ASSERT(av_frame_ref(reference.get(), &frame) >= 0);
    return reference;
}

SharedFrame share(FramePtr frame) { return SharedFrame(std::move(frame)); }

std::unexpected<Error> failAv(ErrorCode code, std::string_view operation, int returnValue) {
    std::array<char, AV_ERROR_MAX_STRING_SIZE> text{};
    av_strerror(returnValue, text.data(), text.size());
    return fail(code, std::string(operation) + ": " + text.data());
}

void silenceLibraries() { av_log_set_level(AV_LOG_QUIET); }

}  // namespace live::av
