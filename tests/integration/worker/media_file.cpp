#include "tests/integration/worker/media_file.h"

#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

extern "C" {
#include <libavformat/avformat.h>
}

#include <algorithm>
#include <memory>

namespace live::test {

namespace {

struct FormatDeleter {
    void operator()(AVFormatContext* context) const { avformat_close_input(&context); }
};

bool isWanted(const AVStream& stream) {
    return stream.codecpar->codec_id == AV_CODEC_ID_H264 || stream.codecpar->codec_id == AV_CODEC_ID_AAC;
}

media::MediaKind kindOf(const AVStream& stream) {
    return stream.codecpar->codec_type == AVMEDIA_TYPE_VIDEO ? media::MediaKind::Video : media::MediaKind::Audio;
}

MediaFile readMedia(const QString& path) {
    AVFormatContext* opened = nullptr;
    if (avformat_open_input(&opened, path.toUtf8().constData(), nullptr, nullptr) < 0) return {};
    const std::unique_ptr<AVFormatContext, FormatDeleter> format(opened);
    avformat_find_stream_info(opened, nullptr);
    MediaFile file;
    for (unsigned i = 0; i < format->nb_streams; ++i) {
        const AVStream& stream = *format->streams[i];
        if (!isWanted(stream)) continue;
        const ByteView configuration(stream.codecpar->extradata,
                                     static_cast<std::size_t>(stream.codecpar->extradata_size));
        const bool isVideo = kindOf(stream) == media::MediaKind::Video;
        file.tracks.push_back(
            {kindOf(stream), isVideo ? media::Codec::H264 : media::Codec::Aac, Buffer::copyOf(configuration)});
    }
    const std::unique_ptr<AVPacket, void (*)(AVPacket*)> packet(av_packet_alloc(),
                                                                [](AVPacket* p) { av_packet_free(&p); });
    while (av_read_frame(opened, packet.get()) >= 0) {
        const AVStream& stream = *format->streams[packet->stream_index];
        if (isWanted(stream)) {
            const auto milliseconds = [&](std::int64_t ticks) {
                return av_rescale_q(ticks, stream.time_base, {1, 1000});
            };
            file.packets.push_back(
                {.kind = kindOf(stream),
                 .isKey = (packet->flags & AV_PKT_FLAG_KEY) != 0,
                 .pts = milliseconds(packet->pts),
                 .dts = milliseconds(packet->dts),
                 .data = Buffer::copyOf(ByteView(packet->data, static_cast<std::size_t>(packet->size)))});
        }
        av_packet_unref(packet.get());
    }
    std::ranges::stable_sort(file.packets, {}, &media::Packet::dts);
    return file;
}

}  // namespace

MediaFile makeMedia(const QStringList& arguments, const QString& container) {
    const QTemporaryDir directory;
    const QString path = directory.filePath(QStringLiteral("made.") + container);
    QProcess ffmpeg;
    ffmpeg.setProcessChannelMode(QProcess::MergedChannels);
    ffmpeg.start(QStringLiteral("ffmpeg"),
                 QStringList{QStringLiteral("-nostdin"), QStringLiteral("-v"), QStringLiteral("error")} + arguments +
                     QStringList{QStringLiteral("-y"), path});
    if (!ffmpeg.waitForFinished(120'000) || ffmpeg.exitCode() != 0) {
        QTest::qFail(("ffmpeg failed: " + ffmpeg.readAll()).constData(), __FILE__, __LINE__);
        return {};
    }
    MediaFile file = readMedia(path);
    if (file.packets.empty()) QTest::qFail("ffmpeg made no packets", __FILE__, __LINE__);
    return file;
}

}  // namespace live::test
