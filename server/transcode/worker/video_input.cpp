#include "server/transcode/worker/video_input.h"

#include "common/av/frame_info.h"

namespace live::transcode::worker {

namespace {

std::string filterFor(bool isInterlaced, av::Turn turn) {
    std::string chain;
    const auto add = [&chain](std::string_view filter) {
        if (!chain.empty()) chain += ',';
        chain += filter;
    };
    if (isInterlaced) add("bwdif=mode=send_frame:parity=auto:deint=interlaced");
    if (turn.isFlipped) add("hflip");
    if (turn.quarters == 1) add("transpose=clock");
    if (turn.quarters == 2) add("hflip,vflip");
    if (turn.quarters == 3) add("transpose=cclock");
    return chain;
}

}  // namespace

void VideoInput::open(ByteView avcC) {
    drain();
    m_decoder.reset();
    m_wasRefused = false;
    Result<av::Decoder> decoder = av::Decoder::create(AV_CODEC_ID_H264, avcC);
    if (!decoder) {
        m_notices.onNotice(Event::Kind::Unsupported, "the video cannot be decoded: " + decoder.error().describe());
        return;
    }
    m_decoder = std::move(*decoder);
}

void VideoInput::decode(const av::Decoder::Input& input) {
    if (!m_decoder) return;
    const Result<void> decoded = m_decoder->decode(input, [this](av::FramePtr frame) { onDecoded(std::move(frame)); });
    if (!decoded) m_notices.onDecodeError();
}

void VideoInput::drain() {
    if (m_decoder) m_decoder->drain([this](av::FramePtr frame) { onDecoded(std::move(frame)); });
    m_filter.reset();
    m_shape.reset();
    m_lastPts.reset();
}

void VideoInput::onDecoded(av::FramePtr frame) {
    if (frame->width <= 0 || frame->height <= 0 || frame->pts == AV_NOPTS_VALUE) return m_notices.onDecodeError();
    if (frame->decode_error_flags != 0) m_notices.onDecodeError();
    if (!isSupported(*frame)) return;
    measureRate(frame->pts);
    noteShape(*frame);
    if (m_figures.decoded++ == 0) m_notices.onNotice(Event::Kind::FirstFrame, describe(*m_shape));
    if (!m_filter) return onUpright(std::move(frame));
    const Result<void> filtered =
        m_filter->filter(std::move(frame), [this](av::FramePtr out) { onUpright(std::move(out)); });
    if (!filtered) {
        m_notices.onDecodeError();
        m_filter.reset();
    }
}

void VideoInput::onUpright(av::FramePtr frame) {
    const OutputTime time{std::chrono::microseconds(frame->pts)};
    Picture picture;
    appendCaptions(picture.captions, av::captions(*frame));
    av::removeSideData(*frame);
    picture.frame = av::share(std::move(frame));
    m_buffer.addPicture(std::move(picture), time);
}

bool VideoInput::isSupported(const AVFrame& frame) {
    const std::string_view hdr = av::hdrName(frame);
    if (hdr.empty()) return true;
    if (!m_wasRefused) {
        m_notices.onNotice(Event::Kind::Unsupported,
                           "the video is HDR, " + std::string(hdr) + "; set the encoder to SDR, BT.709");
    }
    m_wasRefused = true;
    return false;
}

std::string VideoInput::describe(const Shape& shape) {
    std::string text =
        std::to_string(shape.width) + "x" + std::to_string(shape.height) + " " + av::pixelFormatName(shape.format);
    if (shape.aspect.num > 0 && shape.aspect.num != shape.aspect.den) {
        text += ", pixels " + std::to_string(shape.aspect.num) + ":" + std::to_string(shape.aspect.den);
    }
    if (shape.isInterlaced) text += ", interlaced";
    if (shape.turn.quarters != 0) text += ", turned by " + std::to_string(90 * shape.turn.quarters) + " degrees";
    if (shape.turn.isFlipped) text += ", mirrored";
    return text;
}

void VideoInput::noteShape(const AVFrame& frame) {
    // Display orientation comes with key frames and holds until the next one.
    const bool keepsTurn = m_shape && frame.key_frame == 0;
    const Shape shape{.width = frame.width,
                      .height = frame.height,
                      .format = frame.format,
                      .aspect = frame.sample_aspect_ratio,
                      .isInterlaced = frame.interlaced_frame != 0,
                      .turn = keepsTurn ? m_shape->turn : av::displayTurn(frame)};
    if (m_shape) {
        const bool isSamePicture = shape.width == m_shape->width && shape.height == m_shape->height &&
                                   shape.format == m_shape->format && av_cmp_q(shape.aspect, m_shape->aspect) == 0 &&
                                   shape.turn == m_shape->turn;
        // Mixed material: once a picture was interlaced the filter stays and lets progressive ones pass.
        if (isSamePicture && (shape.isInterlaced == m_shape->isInterlaced || m_shape->isInterlaced)) return;
        m_notices.onNotice(Event::Kind::InputChanged,
                           "the video changed from " + describe(*m_shape) + " to " + describe(shape));
    }
    m_shape = shape;
    m_figures.width = shape.width;
    m_figures.height = shape.height;
    m_figures.isInterlaced = shape.isInterlaced;
    chooseFilter(frame);
}

void VideoInput::chooseFilter(const AVFrame& frame) {
    m_filter.reset();
    const std::string chain = filterFor(m_shape->isInterlaced, m_shape->turn);
    if (chain.empty()) return;
    Result<av::VideoFilter> filter = av::VideoFilter::create(chain, frame);
    if (!filter) return m_notices.onNotice(Event::Kind::InputBad, "shown as it is: " + filter.error().describe());
    m_filter = std::move(*filter);
}

void VideoInput::measureRate(std::int64_t pts) {
    constexpr double kMicroseconds = 1e6, kSmoothing = 0.05;
    const std::int64_t step = m_lastPts ? pts - *m_lastPts : 0;
    m_lastPts = pts;
    if (step <= 0 || step > 1'000'000) return;
    const double length = static_cast<double>(step) / kMicroseconds;
    const double smoothed = m_figures.rate > 0 ? (1 - kSmoothing) / m_figures.rate + kSmoothing * length : length;
    m_figures.rate = 1 / smoothed;
}

}  // namespace live::transcode::worker
