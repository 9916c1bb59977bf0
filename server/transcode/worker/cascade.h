// One decoded picture → the picture of every rung: the highest from the source, each next one from the one above it.
#pragma once

#include <vector>

#include "common/av/frame_pool.h"
#include "common/av/scaler.h"
#include "server/media/plan.h"

namespace live::transcode::worker {

// Pictures are made when they are asked for and kept until the next show(): repeating a picture costs nothing, and a
// rung that is off is left out. A source that has the top rung's size and format already is passed on as it is. One
// thread; the pictures it gives out may go to others.
class Cascade {
public:
    explicit Cascade(const media::BroadcastPlan& plan);

    // Null shows the slate.
    void show(av::SharedFrame source);
    // The picture of video rung `index`. The slate when the source's pixel format cannot be read.
    const av::SharedFrame& rung(std::size_t index);
    std::size_t size() const { return m_rungs.size(); }

private:
    struct Rung {
        av::FramePool pool;
        av::Scaler scaler;
        av::SharedFrame picture;
    };

    av::SharedFrame slate(Rung& rung);
    av::SharedFrame fromSource(Rung& rung);
    av::SharedFrame fromAbove(const AVFrame& above, Rung& rung);

    std::vector<Rung> m_rungs;
    av::SharedFrame m_source;
};

}  // namespace live::transcode::worker
