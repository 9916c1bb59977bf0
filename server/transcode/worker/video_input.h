// The picture side of the input: packets → upright, progressive pictures on output time. The decoder's thread.
#pragma once

#include <optional>
#include <string>

#include "common/av/decoder.h"
#include "common/av/frame_info.h"
#include "common/av/video_filter.h"
#include "server/transcode/link/records.h"
#include "server/transcode/worker/input_buffer.h"

namespace live::transcode::worker {

// What the two sides of the input tell: events, and counts for the heartbeat. All from the decoder's thread.
class InputNotices {
public:
    virtual ~InputNotices() = default;
    virtual void onNotice(Event::Kind kind, std::string message) = 0;
    virtual void onDecodeError() = 0;
};

class VideoInput {
public:
    VideoInput(InputBuffer& buffer, InputNotices& notices) : m_buffer(buffer), m_notices(notices) {}

    // A new decoder configuration; pictures of the old one that are still due come out first.
    void open(ByteView avcC);
    // Time stamps in microseconds of output time.
    void decode(const av::Decoder::Input& input);
    // No more packets for now: the pictures that wait for their order come out.
    void drain();

    struct Figures {
        std::uint64_t decoded = 0;
        int width = 0, height = 0;
        bool isInterlaced = false;
        double rate = 0;
    };
    const Figures& figures() const { return m_figures; }

private:
    void onDecoded(av::FramePtr frame);
    void onUpright(av::FramePtr frame);
    // False for what cannot be shown at all.
    bool isSupported(const AVFrame& frame);
    void noteShape(const AVFrame& frame);
    void chooseFilter(const AVFrame& frame);
    void measureRate(std::int64_t pts);

    struct Shape {
        int width = 0, height = 0, format = -1;
        AVRational aspect{0, 1};
        bool isInterlaced = false;
        av::Turn turn;
    };
    static std::string describe(const Shape& shape);

    InputBuffer& m_buffer;
    InputNotices& m_notices;
    std::optional<av::Decoder> m_decoder;
    std::optional<av::VideoFilter> m_filter;
    std::optional<Shape> m_shape;
    bool m_wasRefused = false;
    std::optional<std::int64_t> m_lastPts;
    Figures m_figures;
};

}  // namespace live::transcode::worker
