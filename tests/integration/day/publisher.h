// A publisher whose clock runs fast or slow against ours, in virtual time, and what the input mapping makes of its time
// stamps.
#pragma once

#include <algorithm>

#include "server/media/output_clock.h"
#include "server/transcode/worker/input_mapping.h"

namespace live::test {

// 30 pictures and 46.875 audio frames a second in whole milliseconds, as RTMP has them, up to 20 ms late by the
// network.
class DriftingPublisher {
public:
    static constexpr Nanoseconds kDelay = Milliseconds(200);

    // `drift` in ppm of the publisher's clock: +200 is 200 µs a second too fast.
    DriftingPublisher(BootTime start, std::int64_t driftPpm)
        : m_start(start), m_driftPpm(driftPpm), m_mapping(kDelay, {}) {}

    // Sends all that is due until `now`.
    void sendUntil(BootTime now, const media::OutputClock& clock) {
        while (true) {
            const media::MediaKind kind =
                videoStamp() <= audioStamp() ? media::MediaKind::Video : media::MediaKind::Audio;
            const Nanoseconds stamp = std::min(videoStamp(), audioStamp());
            const BootTime sent = m_start + stamp - Nanoseconds(mulDivRound(stamp.count(), m_driftPpm, 1'000'000));
            if (sent > now) return;
            send(kind, stamp, clock.at(sent));
            ++(kind == media::MediaKind::Video ? m_pictures : m_sounds);
        }
    }

    // The farthest that audio and video have been apart from how they were sent, and the least and most delay from
    // being sent to being shown, the first minute left out.
    Nanoseconds worstOffset{};
    Nanoseconds leastDelay = Nanoseconds::max();
    Nanoseconds mostDelay = Nanoseconds::min();
    std::int64_t repairs = 0;
    const transcode::worker::InputMapping& mapping() const { return m_mapping; }

private:
    static Nanoseconds inMilliseconds(Nanoseconds time) { return Milliseconds(time / Milliseconds(1)); }
    Nanoseconds videoStamp() const { return Nanoseconds(mulDivRound(m_pictures, 1'000'000'000, 30)); }
    Nanoseconds audioStamp() const { return Nanoseconds(mulDivRound(m_sounds, 1024 * 1'000'000'000LL, 48000)); }

    void send(media::MediaKind kind, Nanoseconds stamp, OutputTime sent) {
        const Nanoseconds late = Milliseconds((m_pictures * 7 + m_sounds * 13) % 21);
        m_arrival = std::max(m_arrival, sent + late);  // delivered in order
        const auto mapped = m_mapping.map(
            {.kind = kind, .pts = inMilliseconds(stamp), .dts = inMilliseconds(stamp), .arrival = m_arrival});
        repairs += mapped.repair.empty() ? 0 : 1;
        const Nanoseconds shift = mapped.presentation.time_since_epoch() - stamp;
        Nanoseconds& own = kind == media::MediaKind::Video ? m_videoShift : m_audioShift;
        own = shift;
        if (stamp < Seconds(60)) return;
        worstOffset = std::max<Nanoseconds>(worstOffset, std::chrono::abs(m_videoShift - m_audioShift));
        leastDelay = std::min(leastDelay, mapped.presentation - sent);
        mostDelay = std::max(mostDelay, mapped.presentation - sent);
    }

    const BootTime m_start;
    const std::int64_t m_driftPpm;
    transcode::worker::InputMapping m_mapping;
    std::int64_t m_pictures = 0, m_sounds = 0;
    OutputTime m_arrival{};
    Nanoseconds m_videoShift{}, m_audioShift{};  // from time stamp to presentation
};

}  // namespace live::test
