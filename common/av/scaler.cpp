#include "common/av/scaler.h"

extern "C" {
#include <libavutil/pixdesc.h>
}

#include <algorithm>
#include <array>

namespace live::av {

int swsMatrix(const AVFrame& frame) {
    switch (frame.colorspace) {
        case AVCOL_SPC_BT709: return SWS_CS_ITU709;
        case AVCOL_SPC_BT470BG:
        case AVCOL_SPC_SMPTE170M: return SWS_CS_ITU601;
        case AVCOL_SPC_FCC: return SWS_CS_FCC;
        case AVCOL_SPC_SMPTE240M: return SWS_CS_SMPTE240M;
        case AVCOL_SPC_BT2020_NCL:
        case AVCOL_SPC_BT2020_CL: return SWS_CS_BT2020;
        default: return std::max(frame.width, frame.height) > 1024 ? SWS_CS_ITU709 : SWS_CS_ITU601;
    }
}

bool isFullRange(const AVFrame& frame) {
    switch (frame.format) {
        case AV_PIX_FMT_YUVJ420P:
        case AV_PIX_FMT_YUVJ422P:
        case AV_PIX_FMT_YUVJ444P: return true;
        default: return frame.color_range == AVCOL_RANGE_JPEG;
    }
}

Scaler::Shape Scaler::shapeOf(const AVFrame& source, Rectangle where) {
    return {.width = source.width,
            .height = source.height,
            .format = source.format,
            .matrix = swsMatrix(source),
            .isFullRange = isFullRange(source),
            .toWidth = where.width,
            .toHeight = where.height};
}

Result<void> Scaler::configure(const Shape& shape) {
    m_shape.reset();
    const auto format = static_cast<AVPixelFormat>(shape.format);
    if (!sws_isSupportedInput(format)) {
        const char* name = av_get_pix_fmt_name(format);
        return fail(ErrorCode::Unsupported, std::string("cannot read pixel format ") + (name ? name : "unknown"));
    }
    m_context.reset(sws_getContext(shape.width, shape.height, format, shape.toWidth, shape.toHeight, AV_PIX_FMT_YUV420P,
                                   SWS_BILINEAR, nullptr, nullptr, nullptr));
    if (!m_context) return fail(ErrorCode::Unsupported, "cannot scale this picture");
    // Gray and RGB sources have no matrix to change; the return value says so and the defaults are right.
    sws_setColorspaceDetails(m_context.get(), sws_getCoefficients(shape.matrix), shape.isFullRange ? 1 : 0,
                             sws_getCoefficients(SWS_CS_ITU709), 0, 0, 1 << 16, 1 << 16);
    m_shape = shape;
    return {};
}

Result<void> Scaler::scale(const AVFrame& source, AVFrame& destination, Rectangle where) {
    const Shape shape = shapeOf(source, where);
    if (m_shape != shape) LIVE_TRY(configure(shape));
    const std::array<std::uint8_t*, 4> data{
        destination.data[0] + std::ptrdiff_t{where.y} * destination.linesize[0] + where.x,
        destination.data[1] + std::ptrdiff_t{where.y / 2} * destination.linesize[1] + where.x / 2,
        destination.data[2] + std::ptrdiff_t{where.y / 2} * destination.linesize[2] + where.x / 2, nullptr};
    const int lines =
        sws_scale(m_context.get(), source.data, source.linesize, 0, source.height, data.data(), destination.linesize);
    if (lines < 0) return failAv(ErrorCode::Internal, "scaling", lines);
    return {};
}

}  // namespace live::av
