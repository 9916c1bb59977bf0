// Reused buffers for pictures of one size: scaling allocates nothing after the first frames.
#pragma once

extern "C" {
#include <libavutil/buffer.h>
}

#include <memory>

#include "common/av/ptr.h"

namespace live::av {

// 8-bit 4:2:0 pictures, tagged BT.709 limited range, square pixels. Frames may outlive the pool and be released on any
// thread; take() is for one thread.
class FramePool {
public:
    FramePool(int width, int height);

    int width() const { return m_width; }
    int height() const { return m_height; }
    // Pixels are whatever was there before.
    FramePtr take();

private:
    struct PoolDeleter {
        void operator()(AVBufferPool* pool) const { av_buffer_pool_uninit(&pool); }
    };

    int m_width;
    int m_height;
    std::unique_ptr<AVBufferPool, PoolDeleter> m_pool;
};

// Limited-range black everywhere.
void fillBlack(AVFrame& frame);

}  // namespace live::av
