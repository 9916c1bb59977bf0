#include "server/ffmpeg/aac_encoder.h"

#include <cstring>

namespace live::ffmpeg {

Result<AacEncoder> AacEncoder::create(BitsPerSecond bitrate) {
    const AVCodec* codec = avcodec_find_encoder_by_name("aac");
    if (!codec) return fail(ErrorCode::Unsupported, "this FFmpeg has no AAC encoder");
    av::CodecContextPtr context(avcodec_alloc_context3(codec));
    LIVE_ASSERT(context);
    context->sample_fmt = AV_SAMPLE_FMT_FLTP;
    context->sample_rate = 48000;
    context->time_base = {1, 48000};
    context->bit_rate = bitrate;
    context->profile = FF_PROFILE_AAC_LOW;
    context->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
    av_channel_layout_default(&context->ch_layout, 2);
    if (const int result = avcodec_open2(context.get(), codec, nullptr); result < 0) {
        return av::failAv(ErrorCode::Unsupported, "opening the AAC encoder", result);
    }
    LIVE_ASSERT(context->frame_size == static_cast<int>(kAacFrameSamples));
    Buffer configuration =
        Buffer::copyOf(ByteView(context->extradata, static_cast<std::size_t>(context->extradata_size)));
    return AacEncoder(std::move(context), std::move(configuration));
}

Result<std::optional<EncodedAudio>> AacEncoder::encode(const Input& input) {
    LIVE_ASSERT(input.left.size() == kAacFrameSamples && input.right.size() == kAacFrameSamples);
    const av::FramePtr frame = av::makeFrame();
    frame->format = AV_SAMPLE_FMT_FLTP;
    frame->sample_rate = 48000;
    frame->nb_samples = static_cast<int>(kAacFrameSamples);
    av_channel_layout_default(&frame->ch_layout, 2);
    LIVE_ASSERT(av_frame_get_buffer(frame.get(), 0) >= 0);
    std::memcpy(frame->data[0], input.left.data(), kAacFrameSamples * sizeof(float));
    std::memcpy(frame->data[1], input.right.data(), kAacFrameSamples * sizeof(float));
    frame->pts = input.frame * static_cast<std::int64_t>(kAacFrameSamples);
    if (const int result = avcodec_send_frame(m_context.get(), frame.get()); result < 0) {
        return av::failAv(ErrorCode::Internal, "encoding audio", result);
    }
    const int result = avcodec_receive_packet(m_context.get(), m_packet.get());
    if (result == AVERROR(EAGAIN)) return std::nullopt;
    if (result < 0) return av::failAv(ErrorCode::Internal, "encoding audio", result);
    EncodedAudio encoded{.frame = m_packet->pts / static_cast<std::int64_t>(kAacFrameSamples),
                         .data = Buffer::copyOf(ByteView(m_packet->data, static_cast<std::size_t>(m_packet->size)))};
    const std::int64_t remainder = m_packet->pts % static_cast<std::int64_t>(kAacFrameSamples);
    av_packet_unref(m_packet.get());
    LIVE_ASSERT(remainder == 0);
    return encoded;
}

}  // namespace live::ffmpeg
