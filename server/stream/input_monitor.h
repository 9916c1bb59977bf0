// What an input looks like from outside the decoder: rates, key frames, clock drift. On the media thread; no I/O.
#pragma once

#include <deque>
#include <optional>

#include "common/model/ladder.h"
#include "server/media/packet.h"

namespace live::stream {

class InputMonitor {
public:
    static constexpr Nanoseconds kWindow = Seconds(5);

    void packet(const media::Packet& packet, BootTime arrival);

    // Nothing until it was measured: what an input without video has no rate or GOP of, and drift takes 20 s.
    std::optional<double> frameRate(BootTime now) const;  // video packets a second over the window
    std::optional<double> gopSeconds() const { return m_gopSeconds; }
    std::optional<double> driftPpm() const { return m_driftPpm; }
    BitsPerSecond bitrate(BootTime now) const;  // video and audio over the window
    std::uint64_t bytes() const { return m_bytes; }
    BootTime lastMedia() const { return m_lastMedia; }

private:
    struct Sample {
        BootTime arrival;
        std::size_t bytes;
        bool isVideo;
    };
    void measureGop(const media::Packet& packet);
    void measureDrift(const media::Packet& packet, BootTime arrival);

    std::deque<Sample> m_samples;  // of the window; ingest bounds how many packets a second has
    std::size_t m_windowBytes = 0;
    std::size_t m_windowFrames = 0;
    std::uint64_t m_bytes = 0;
    BootTime m_lastMedia{};
    BootTime m_lastVideo{};
    std::int64_t m_lastKeyPts = 0;
    bool m_hasVideo = false;
    bool m_hasKey = false;
    std::optional<double> m_gopSeconds;
    // Drift: the least delayed packet of each window, compared with that of the first one.
    Nanoseconds m_bestDelay = Nanoseconds::max();
    BootTime m_bestWindowEnd{};
    bool m_hasReference = false;
    Nanoseconds m_referenceDelay{};
    BootTime m_referenceTime{};
    std::optional<double> m_driftPpm;
};

}  // namespace live::stream
