// A publisher whose clock and network can be bent, in virtual time, and what the input mapping makes of its packets.
#pragma once

#include <QByteArray>
#include <functional>

#include "server/transcode/worker/input_mapping.h"

namespace live::test {

using transcode::worker::InputMapping;

inline QByteArray inMilliseconds(Nanoseconds time) {
    return QByteArray::number(static_cast<double>(time.count()) / 1e6);
}

inline constexpr OutputTime kStart{Seconds(1'780'000'000)};
inline constexpr Nanoseconds kDelay = Milliseconds(200);

// Times in seconds since the start.
struct Publisher {
    double speed = 1;                                                    // of its clock against ours
    std::function<double(double)> network = [](double) { return 0.0; };  // how late what is sent at t arrives
    double inputStart = 7;
    std::function<double(double)> videoLag = [](double) { return 0.0; };  // of the video behind the audio

    InputMapping mapping{kDelay, {}};
    std::vector<std::string> repairs{};
    double worstOffset = 0;   // between audio and video
    Nanoseconds lastDelay{};  // of the last packet, from being sent to being shown
    double lost = 0;          // seconds of what came too late, half of it sound and half of it video
    Nanoseconds shifted{};

    static Nanoseconds seconds(double value) { return Nanoseconds(static_cast<std::int64_t>(value * 1e9)); }

    void run(double from, double to, double step = 0.02) {
        double lastArrival = 0;
        for (double t = from; t < to; t += step) {
            const double stamp = inputStart + t * speed;
            // A stream is delivered in order.
            lastArrival = std::max(lastArrival, t + network(t));
            std::optional<Nanoseconds> offset;
            OutputTime shown{};
            for (media::MediaKind kind : {media::MediaKind::Video, media::MediaKind::Audio}) {
                const bool isVideo = kind == media::MediaKind::Video;
                const Nanoseconds ms =
                    Milliseconds(static_cast<std::int64_t>((stamp - (isVideo ? videoLag(t) : 0)) * 1000));
                const OutputTime arrival = kStart + seconds(lastArrival);
                const InputMapping::Mapped mapped =
                    mapping.map({.kind = kind, .pts = ms, .dts = ms, .arrival = arrival});
                if (!mapped.repair.empty()) repairs.push_back(mapped.repair);
                shown = mapped.presentation;
                const InputMapping::Needed needed{};
                if (shown < arrival + (isVideo ? needed.video : needed.audio) - Milliseconds(5)) lost += step / 2;
                const Nanoseconds now = shown.time_since_epoch() - ms;
                if (offset) worstOffset = std::max(worstOffset, std::abs(static_cast<double>((*offset - now).count())));
                offset = now;
                shifted += mapped.shift;
                // The next packet is the first that a jump holds for.
                if (mapped.shift != Nanoseconds(0)) offset.reset();
            }
            lastDelay = shown - (kStart + seconds(t));
        }
    }
};

}  // namespace live::test
