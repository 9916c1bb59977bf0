// What an input looks like from outside the decoder: rates, key frames, clock drift. On the media thread; no I/O.
#pragma once

#include <deque>

#include "common/model/ladder.h"
#include "server/media/packet.h"

namespace live::stream {

class InputMonitor {
public:
    static constexpr Nanoseconds kWindow = Seconds(5);

    void packet(const media::Packet& packet, BootTime arrival);

    double frameRate(BootTime now) const;       // video packets a second over the window
    BitsPerSecond bitrate(BootTime now) const;  // video and audio over the window
    double gopSeconds() const { return m_gopSeconds; }
    double driftPpm() const { return m_driftPpm; }
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
    std::int64_t m_lastKeyPts = 0;
    bool m_hasKey = false;
    double m_gopSeconds = 0;
    // Drift: the least delayed packet of each window, compared with that of the first one.
    Nanoseconds m_bestDelay = Nanoseconds::max();
    BootTime m_bestWindowEnd{};
    bool m_hasReference = false;
    Nanoseconds m_referenceDelay{};
    BootTime m_referenceTime{};
    double m_driftPpm = 0;
};

}  // namespace live::stream
