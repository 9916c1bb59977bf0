#include "common/av/frame_pool.h"

extern "C" {
#include <libavutil/imgutils.h>
}

#include <cstring>

namespace live::av {

namespace {
constexpr int kAlignment = 64;
}

FramePool::FramePool(int width, int height) : m_width(width), m_height(height) {
    // Scalers may write whole vectors past the last pixel of the last line.
    const int size = av_image_get_buffer_size(AV_PIX_FMT_YUV420P, width, height, kAlignment) + 2 * kAlignment;
    m_pool.reset(av_buffer_pool_init(static_cast<std::size_t>(size), nullptr));
    LIVE_ASSERT(m_pool);
}

FramePtr FramePool::take() {
    FramePtr frame = makeFrame();
    frame->buf[0] = av_buffer_pool_get(m_pool.get());
    LIVE_ASSERT(frame->buf[0]);
    frame->format = AV_PIX_FMT_YUV420P;
    frame->width = m_width;
    frame->height = m_height;
    LIVE_ASSERT(av_image_fill_arrays(frame->data, frame->linesize, frame->buf[0]->data, AV_PIX_FMT_YUV420P, m_width,
                                     m_height, kAlignment) >= 0);
    frame->sample_aspect_ratio = {1, 1};
    frame->color_range = AVCOL_RANGE_MPEG;
    frame->colorspace = AVCOL_SPC_BT709;
    frame->color_primaries = AVCOL_PRI_BT709;
    frame->color_trc = AVCOL_TRC_BT709;
    frame->chroma_location = AVCHROMA_LOC_LEFT;
    return frame;
}

void fillBlack(AVFrame& frame) {
    const int chromaHeight = (frame.height + 1) / 2;
    std::memset(frame.data[0], 16,
                static_cast<std::size_t>(frame.linesize[0]) * static_cast<std::size_t>(frame.height));
    for (int plane : {1, 2}) {
        std::memset(frame.data[plane], 128,
                    static_cast<std::size_t>(frame.linesize[plane]) * static_cast<std::size_t>(chromaHeight));
    }
}

}  // namespace live::av
