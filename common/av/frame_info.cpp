#include "common/av/frame_info.h"

extern "C" {
#include <libavutil/display.h>
#include <libavutil/pixdesc.h>
}

#include <array>
#include <cmath>
#include <cstring>

namespace live::av {

Turn displayTurn(const AVFrame& frame) {
    const AVFrameSideData* data = av_frame_get_side_data(&frame, AV_FRAME_DATA_DISPLAYMATRIX);
    if (!data || data->size < 9 * sizeof(std::int32_t)) return {};
    std::array<std::int32_t, 9> matrix{};
    std::memcpy(matrix.data(), data->data, sizeof(matrix));
    const bool isFlipped = std::int64_t{matrix[0]} * matrix[4] - std::int64_t{matrix[1]} * matrix[3] < 0;
    if (isFlipped) av_display_matrix_flip(matrix.data(), 1, 0);
    const double counterclockwise = av_display_rotation_get(matrix.data());
    if (std::isnan(counterclockwise)) return {0, isFlipped};
    const int quarters = static_cast<int>(std::lround(-counterclockwise / 90)) % 4;
    return {(quarters + 4) % 4, isFlipped};
}

std::string_view hdrName(const AVFrame& frame) {
    if (frame.color_trc == AVCOL_TRC_SMPTE2084) return "PQ (SMPTE ST 2084)";
    if (frame.color_trc == AVCOL_TRC_ARIB_STD_B67) return "HLG (ARIB STD-B67)";
    return {};
}

std::string pixelFormatName(int format) {
    const char* name = av_get_pix_fmt_name(static_cast<AVPixelFormat>(format));
    return name ? name : "unknown";
}

Bytes captions(const AVFrame& frame) {
    const AVFrameSideData* data = av_frame_get_side_data(&frame, AV_FRAME_DATA_A53_CC);
    return data ? Bytes(data->data, data->data + data->size) : Bytes{};
}

void removeSideData(AVFrame& frame) {
    while (frame.nb_side_data > 0) av_frame_remove_side_data(&frame, frame.side_data[0]->type);
}

}  // namespace live::av
