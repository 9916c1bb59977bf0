// A libavfilter chain for decoded pictures: deinterlacing, rotation.
#pragma once

#include <functional>
#include <string>

#include "common/av/ptr.h"

struct AVFilterContext;

namespace live::av {

// One chain for pictures of one size and format. AVFrame::pts goes in and comes out in microseconds. Not thread safe.
class VideoFilter {
public:
    using OnFrame = std::function<void(FramePtr)>;

    // `description` is a libavfilter chain ("bwdif=mode=send_frame"); `like` gives size, format and aspect of the
    // input.
    static Result<VideoFilter> create(const std::string& description, const AVFrame& like);

    // Takes the frame over. Frames that come out may be earlier ones.
    Result<void> filter(FramePtr frame, const OnFrame& onFrame);

private:
    VideoFilter() = default;

    FilterGraphPtr m_graph;
    AVFilterContext* m_source = nullptr;  // owned by the graph
    AVFilterContext* m_sink = nullptr;    // owned by the graph
};

}  // namespace live::av
