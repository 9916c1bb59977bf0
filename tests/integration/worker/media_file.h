// A media file made by the ffmpeg program, as the packets a publisher would send.
#pragma once

#include <QString>
#include <QStringList>
#include <vector>

#include "server/media/packet.h"

namespace live::test {

struct MediaFile {
    std::vector<media::Track> tracks;
    std::vector<media::Packet> packets;  // in decoding order, time stamps in ms as RTMP has them; no arrival
};

// Runs ffmpeg with these arguments and one output file behind them, and reads that file. Fails the running test (and
// returns nothing) when ffmpeg does.
MediaFile makeMedia(const QStringList& arguments, const QString& container = QStringLiteral("mp4"));

}  // namespace live::test
