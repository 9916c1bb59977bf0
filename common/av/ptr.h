// Owning pointers for the objects of the FFmpeg libraries. Allocation failure ends the process: nothing here returns
// null.
#pragma once

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavutil/frame.h>
#include <libswresample/swresample.h>
#include <libswscale/swscale.h>
}

#include <memory>

#include "common/base/error.h"

struct AVFilterGraph;

namespace live::av {

namespace detail {
struct FrameDeleter {
    void operator()(AVFrame* frame) const { av_frame_free(&frame); }
};
struct PacketDeleter {
    void operator()(AVPacket* packet) const { av_packet_free(&packet); }
};
struct CodecContextDeleter {
    void operator()(AVCodecContext* context) const { avcodec_free_context(&context); }
};
struct SwsDeleter {
    void operator()(SwsContext* context) const { sws_freeContext(context); }
};
struct SwrDeleter {
    void operator()(SwrContext* context) const { swr_free(&context); }
};
struct FilterGraphDeleter {
    void operator()(AVFilterGraph* graph) const;
};
}  // namespace detail

using FramePtr = std::unique_ptr<AVFrame, detail::FrameDeleter>;
using PacketPtr = std::unique_ptr<AVPacket, detail::PacketDeleter>;
using CodecContextPtr = std::unique_ptr<AVCodecContext, detail::CodecContextDeleter>;
using SwsPtr = std::unique_ptr<SwsContext, detail::SwsDeleter>;
using SwrPtr = std::unique_ptr<SwrContext, detail::SwrDeleter>;
using FilterGraphPtr = std::unique_ptr<AVFilterGraph, detail::FilterGraphDeleter>;

// A picture that several threads read. Nobody writes to it; take a reference with `newReference` to set fields.
using SharedFrame = std::shared_ptr<const AVFrame>;

FramePtr makeFrame();
PacketPtr makePacket();
// Another AVFrame on the same pixels or samples: its fields are its own.
FramePtr newReference(const AVFrame& frame);
SharedFrame share(FramePtr frame);

// The text of a negative return value of the FFmpeg libraries: "avcodec_open2: Invalid argument".
std::unexpected<Error> failAv(ErrorCode code, std::string_view operation, int returnValue);

// The libraries write free text to standard error by themselves; after this they are silent. Errors still come back as
// values.
void silenceLibraries();

}  // namespace live::av
