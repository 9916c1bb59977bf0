#include "server/ffmpeg/h264_encoder.h"

extern "C" {
#include <libavutil/opt.h>
}

#include <cstring>

#include "server/ffmpeg/h264_level.h"
#include "server/media/h264.h"

namespace live::ffmpeg {

namespace {

// Never reached: IDR pictures come from the grid alone.
constexpr int kEndlessGop = 1 << 28;

// Of a buffer that another encoder may have emptied; libx264 would begin with 90 % of it. On noise it leaves 8 %
// unused, so that this much more stays within the limit. Key pictures of ordinary material lose 5 dB and have them back
// in 1 s.
constexpr int kSpliceBufferDivisor = 10;

void setPicture(AVCodecContext& context, const media::Rendition& rendition, media::FrameRate rate) {
    context.width = static_cast<int>(rendition.width);
    context.height = static_cast<int>(rendition.height);
    context.pix_fmt = AV_PIX_FMT_YUV420P;
    context.sample_aspect_ratio = {1, 1};
    context.time_base = {static_cast<int>(rate.denominator), static_cast<int>(rate.numerator)};
    context.framerate = {static_cast<int>(rate.numerator), static_cast<int>(rate.denominator)};
    context.color_range = AVCOL_RANGE_MPEG;
    context.colorspace = AVCOL_SPC_BT709;
    context.color_primaries = AVCOL_PRI_BT709;
    context.color_trc = AVCOL_TRC_BT709;
    context.chroma_sample_location = AVCHROMA_LOC_LEFT;
}

void setCoding(AVCodecContext& context, const media::BroadcastPlan& plan, const media::Rendition& rendition) {
    context.bit_rate = rendition.bitrate;
    context.rc_max_rate = rendition.maxBitrate;
    context.rc_buffer_size = static_cast<int>(rendition.vbvBits);
    context.gop_size = kEndlessGop;
    context.max_b_frames = 0;
    context.refs = 1;
    context.thread_count = 1;
    context.profile = FF_PROFILE_H264_HIGH;
    context.level = h264Level(rendition, plan.grid.rate());
    context.flags |= AV_CODEC_FLAG_GLOBAL_HEADER | AV_CODEC_FLAG_CLOSED_GOP;
    av_opt_set(context.priv_data, "preset", "superfast", 0);
    av_opt_set(context.priv_data, "tune", "zerolatency", 0);
    av_opt_set(context.priv_data, "profile", "high", 0);
    av_opt_set(context.priv_data, "x264-params", "scenecut=0:open-gop=0:keyint=infinite:min-keyint=1:sliced-threads=0",
               0);
    av_opt_set_int(context.priv_data, "forced-idr", 1, 0);
    av_opt_set_int(context.priv_data, "a53cc", plan.captions ? 1 : 0, 0);
}

// The configuration has the parameter sets, and the encoder's signature (SEI user_data_unregistered) helps nobody.
bool belongsInSample(ByteView nal) {
    constexpr std::uint8_t kUserDataUnregistered = 5;
    switch (media::h264::nalType(nal)) {
        case media::h264::NalType::SequenceParameterSet:
        case media::h264::NalType::PictureParameterSet:
        case media::h264::NalType::AccessUnitDelimiter: return false;
        case media::h264::NalType::Sei: return nal.size() < 2 || nal[1] != kUserDataUnregistered;
        default: return true;
    }
}

Buffer sampleFromAnnexB(ByteView annexB) {
    ByteWriter out;
    out.reserve(annexB.size() + 16);
    for (const ByteView nal : media::h264::splitAnnexB(annexB)) {
        if (belongsInSample(nal)) out.u32(nal.size()).bytes(nal);
    }
    return Buffer(out.take());
}

void attachCaptions(AVFrame& frame, ByteView captions) {
    if (captions.empty()) return;
    AVFrameSideData* data = av_frame_new_side_data(&frame, AV_FRAME_DATA_A53_CC, captions.size());
    LIVE_ASSERT(data);
    std::memcpy(data->data, captions.data(), captions.size());
}

}  // namespace

Result<H264Encoder> H264Encoder::create(const media::BroadcastPlan& plan, std::size_t rendition, Start start) {
    const AVCodec* codec = avcodec_find_encoder_by_name("libx264");
    if (!codec) return fail(ErrorCode::Unsupported, "this FFmpeg has no libx264; install one that has");
    av::CodecContextPtr context(avcodec_alloc_context3(codec));
    LIVE_ASSERT(context);
    setPicture(*context, plan.renditions[rendition], plan.grid.rate());
    setCoding(*context, plan, plan.renditions[rendition]);
    if (start == Start::InsideSegment)
        context->rc_initial_buffer_occupancy = context->rc_buffer_size / kSpliceBufferDivisor;
    if (const int result = avcodec_open2(context.get(), codec, nullptr); result < 0) {
        return av::failAv(ErrorCode::Unsupported, "opening libx264 for " + plan.renditions[rendition].id.text(),
                          result);
    }
    Bytes configuration = LIVE_TRY(
        media::h264::configurationFromAnnexB({context->extradata, static_cast<std::size_t>(context->extradata_size)}));
    return H264Encoder(std::move(context), Buffer(std::move(configuration)));
}

Result<EncodedPicture> H264Encoder::encode(const AVFrame& picture, const Input& input) {
    const av::FramePtr frame = av::newReference(picture);
    frame->pts = input.frame;
    frame->pict_type = input.isKey ? AV_PICTURE_TYPE_I : AV_PICTURE_TYPE_NONE;
    attachCaptions(*frame, input.captions);
    if (const int result = avcodec_send_frame(m_context.get(), frame.get()); result < 0) {
        return av::failAv(ErrorCode::Internal, "encoding", result);
    }
    if (const int result = avcodec_receive_packet(m_context.get(), m_packet.get()); result < 0) {
        return av::failAv(ErrorCode::Internal, "encoding", result);
    }
    EncodedPicture encoded{.frame = m_packet->pts,
                           .isKey = (m_packet->flags & AV_PKT_FLAG_KEY) != 0,
                           .data = sampleFromAnnexB({m_packet->data, static_cast<std::size_t>(m_packet->size)})};
    av_packet_unref(m_packet.get());
    return encoded;
}

}  // namespace live::ffmpeg
