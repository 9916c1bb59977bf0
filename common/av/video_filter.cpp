#include "common/av/video_filter.h"

extern "C" {
#include <libavfilter/avfilter.h>
#include <libavfilter/buffersink.h>
#include <libavfilter/buffersrc.h>
#include <libavutil/mathematics.h>
}

#include <algorithm>

namespace live::av {

namespace {

constexpr AVRational kMicroseconds{1, 1'000'000};

std::string sourceArguments(const AVFrame& like) {
    const AVRational aspect = like.sample_aspect_ratio;
    return "width=" + std::to_string(like.width) + ":height=" + std::to_string(like.height) +
           ":pix_fmt=" + std::to_string(like.format) +
           ":time_base=1/1000000:sar=" + std::to_string(std::max(aspect.num, 0)) + "/" +
           std::to_string(std::max(aspect.den, 1));
}

}  // namespace

Result<VideoFilter> VideoFilter::create(const std::string& description, const AVFrame& like) {
    VideoFilter made;
    made.m_graph.reset(avfilter_graph_alloc());
    LIVE_ASSERT(made.m_graph);
    made.m_graph->nb_threads = 1;
    int result = avfilter_graph_create_filter(&made.m_source, avfilter_get_by_name("buffer"), "in",
                                              sourceArguments(like).c_str(), nullptr, made.m_graph.get());
    if (result < 0) return failAv(ErrorCode::Unsupported, "filter input", result);
    result = avfilter_graph_create_filter(&made.m_sink, avfilter_get_by_name("buffersink"), "out", nullptr, nullptr,
                                          made.m_graph.get());
    if (result < 0) return failAv(ErrorCode::Internal, "filter output", result);

    AVFilterInOut* inputs = avfilter_inout_alloc();
    AVFilterInOut* outputs = avfilter_inout_alloc();
    LIVE_ASSERT(inputs && outputs);
    *outputs = {.name = av_strdup("in"), .filter_ctx = made.m_source, .pad_idx = 0, .next = nullptr};
    *inputs = {.name = av_strdup("out"), .filter_ctx = made.m_sink, .pad_idx = 0, .next = nullptr};
    result = avfilter_graph_parse_ptr(made.m_graph.get(), description.c_str(), &inputs, &outputs, nullptr);
    avfilter_inout_free(&inputs);
    avfilter_inout_free(&outputs);
    if (result >= 0) result = avfilter_graph_config(made.m_graph.get(), nullptr);
    if (result < 0) return failAv(ErrorCode::Unsupported, "filter " + description, result);
    return made;
}

Result<void> VideoFilter::filter(FramePtr frame, const OnFrame& onFrame) {
    if (const int result = av_buffersrc_add_frame(m_source, frame.get()); result < 0) {
        return failAv(ErrorCode::Internal, "filtering", result);
    }
    while (true) {
        FramePtr filtered = makeFrame();
        const int result = av_buffersink_get_frame(m_sink, filtered.get());
        if (result == AVERROR(EAGAIN) || result == AVERROR_EOF) return {};
        if (result < 0) return failAv(ErrorCode::Internal, "filtering", result);
        if (filtered->pts != AV_NOPTS_VALUE) {
            filtered->pts = av_rescale_q(filtered->pts, av_buffersink_get_time_base(m_sink), kMicroseconds);
        }
        onFrame(std::move(filtered));
    }
}

}  // namespace live::av
