#include "common/av/decoder.h"

#include <cstring>

#include "common/model/limits.h"

namespace live::av {

namespace {
constexpr std::int64_t kMaxSamples = 64 * 4096;  // of all channels of a frame
}  // namespace

Result<Decoder> Decoder::create(AVCodecID codec, ByteView configuration) {
    if (configuration.size() > kMaxConfigurationBytes)
        return fail(ErrorCode::TooLarge, "the decoder configuration is too large");
    const AVCodec* decoder = avcodec_find_decoder(codec);
    if (!decoder) return fail(ErrorCode::Unsupported, std::string("no decoder for ") + avcodec_get_name(codec));
    CodecContextPtr context(avcodec_alloc_context3(decoder));
    LIVE_ASSERT(context);
    if (!configuration.empty()) {
        context->extradata =
            static_cast<std::uint8_t*>(av_mallocz(configuration.size() + AV_INPUT_BUFFER_PADDING_SIZE));
        LIVE_ASSERT(context->extradata);
        std::memcpy(context->extradata, configuration.data(), configuration.size());
        context->extradata_size = static_cast<int>(configuration.size());
    }
    context->thread_count = 1;
    context->max_pixels = kMaxInputPixels;
    context->max_samples = kMaxSamples;
    // AV_CODEC_FLAG_LOW_DELAY would break the order of B-frames; the H.264 decoder adds no delay of its own without it.
    if (const int result = avcodec_open2(context.get(), decoder, nullptr); result < 0) {
        return failAv(ErrorCode::Unsupported, "opening the decoder", result);
    }
    return Decoder(std::move(context));
}

Result<void> Decoder::decode(const Input& input, const OnFrame& onFrame) {
    // Copied: decoders read up to AV_INPUT_BUFFER_PADDING_SIZE bytes past the end.
    if (const int result = av_new_packet(m_packet.get(), static_cast<int>(input.data.size())); result < 0) {
        return failAv(ErrorCode::TooLarge, "packet", result);
    }
    if (!input.data.empty()) std::memcpy(m_packet->data, input.data.data(), input.data.size());
    m_packet->pts = input.pts;
    m_packet->dts = input.dts;
    const int sent = avcodec_send_packet(m_context.get(), m_packet.get());
    av_packet_unref(m_packet.get());
    const Result<void> received = receive(onFrame);
    if (sent < 0) return failAv(ErrorCode::Protocol, "decoding", sent);
    return received;
}

void Decoder::drain(const OnFrame& onFrame) {
    avcodec_send_packet(m_context.get(), nullptr);
    static_cast<void>(receive(onFrame));
    avcodec_flush_buffers(m_context.get());
}

Result<void> Decoder::receive(const OnFrame& onFrame) {
    while (true) {
        FramePtr frame = makeFrame();
        const int result = avcodec_receive_frame(m_context.get(), frame.get());
        if (result == AVERROR(EAGAIN) || result == AVERROR_EOF) return {};
        if (result < 0) return failAv(ErrorCode::Protocol, "decoding", result);
        if (frame->pts == AV_NOPTS_VALUE) frame->pts = frame->best_effort_timestamp;
        onFrame(std::move(frame));
    }
}

}  // namespace live::av
