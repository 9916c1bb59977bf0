// Whether what a publisher sends turns into pictures and sound. On the media thread; no I/O.
//
// Judged over the last two seconds of a worker's heartbeats. What is found is a warning for as long as it lasts and ten
// seconds more, so that whoever looks now and then sees it.
#pragma once

#include <array>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "server/media/packet.h"
#include "server/transcode/link/records.h"

namespace live::stream {

class InputHealth {
public:
    static constexpr Nanoseconds kWindow = Seconds(2);
    static constexpr Nanoseconds kHold = Seconds(10);

    void packet(media::MediaKind kind);
    // Another worker begins: its first two seconds are not judged.
    void workerStarted();
    // The publisher has gone, and what was wrong with it. Of the next one the first two seconds are not judged, either.
    void publisherGone();
    // The warnings that begin with it.
    std::vector<std::string> heartbeat(const transcode::Heartbeat& heartbeat, BootTime now);
    std::vector<std::string> warnings(BootTime now) const;

private:
    struct Sample {
        BootTime at;
        std::array<std::uint64_t, 2> packets{};  // by MediaKind
        std::uint64_t decoded = 0;
        std::uint64_t errors = 0;
        std::uint64_t silent = 0;
    };
    struct Problem {
        std::string message;
        BootTime until{};
    };
    std::string pictureTrouble() const;
    std::string soundTrouble() const;

    std::array<std::uint64_t, 2> m_packets{};
    bool m_isGone = true;
    std::optional<BootTime> m_judgedFrom;
    std::deque<Sample> m_samples;       // two seconds of them
    std::array<Problem, 2> m_problems;  // by MediaKind
};

}  // namespace live::stream
