#include "server/transcode/worker/cascade.h"

#include "server/transcode/worker/fit.h"
#include "server/transcode/worker/slate.h"

namespace live::transcode::worker {

namespace {

PictureShape shapeOf(const AVFrame& frame) {
    PictureShape shape{.width = frame.width, .height = frame.height};
    const AVRational aspect = frame.sample_aspect_ratio;
    if (aspect.num > 0 && aspect.den > 0) {
        shape.sampleAspect = {static_cast<std::uint32_t>(aspect.num), static_cast<std::uint32_t>(aspect.den)};
    }
    return shape;
}

// Nothing to convert: the encoder can take the picture as the decoder left it.
bool isCanvas(const AVFrame& source, int width, int height) {
    return source.format == AV_PIX_FMT_YUV420P && source.width == width && source.height == height &&
           !av::isFullRange(source) && av::swsMatrix(source) == SWS_CS_ITU709;
}

}  // namespace

Cascade::Cascade(const media::BroadcastPlan& plan) {
    for (const media::Rendition& rendition : plan.renditions) {
        if (rendition.kind != media::MediaKind::Video) continue;
        m_rungs.push_back(
            {av::FramePool(static_cast<int>(rendition.width), static_cast<int>(rendition.height)), {}, {}});
    }
}

void Cascade::show(av::SharedFrame source) {
    m_source = std::move(source);
    for (Rung& rung : m_rungs) rung.picture.reset();
}

const av::SharedFrame& Cascade::rung(std::size_t index) {
    Rung& wanted = m_rungs[index];
    if (wanted.picture) return wanted.picture;
    const Rung* above = nullptr;
    for (std::size_t i = index; i-- > 0 && !above;) {
        if (m_rungs[i].picture) above = &m_rungs[i];
    }
    wanted.picture = above ? fromAbove(*above->picture, wanted) : fromSource(wanted);
    return wanted.picture;
}

av::SharedFrame Cascade::slate(Rung& rung) {
    av::FramePtr picture = rung.pool.take();
    drawSlate(*picture);
    return av::share(std::move(picture));
}

av::SharedFrame Cascade::fromSource(Rung& rung) {
    if (!m_source) return slate(rung);
    const int width = rung.pool.width();
    const int height = rung.pool.height();
    const av::Rectangle where = fit(shapeOf(*m_source), width, height);
    const bool isWhole = where == av::Rectangle{0, 0, width, height};
    if (isWhole && isCanvas(*m_source, width, height)) return m_source;
    av::FramePtr picture = rung.pool.take();
    if (!isWhole) av::fillBlack(*picture);
    if (!rung.scaler.scale(*m_source, *picture, where)) return slate(rung);
    return av::share(std::move(picture));
}

av::SharedFrame Cascade::fromAbove(const AVFrame& above, Rung& rung) {
    av::FramePtr picture = rung.pool.take();
    // A source that was passed on as it is may not be tagged; it is what its tags would say.
    av::FramePtr tagged = av::newReference(above);
    tagged->colorspace = AVCOL_SPC_BT709;
    tagged->color_range = AVCOL_RANGE_MPEG;
    if (!rung.scaler.scale(*tagged, *picture, {0, 0, rung.pool.width(), rung.pool.height()})) return slate(rung);
    return av::share(std::move(picture));
}

}  // namespace live::transcode::worker
