// The measured bit rate of one rendition, boxes included.
#pragma once

#include <cstddef>
#include <deque>

#include "common/base/time.h"
#include "common/model/ladder.h"

namespace live::package {

// Over the closed segments of the last minute of media. Owner thread: media.
class RateMeter {
public:
    static constexpr Nanoseconds kSpan = Seconds(60);

    void addSegment(std::size_t bytes, Nanoseconds duration);
    BitsPerSecond measured() const;  // 0 before the first segment
    bool hasFullSpan() const { return m_duration >= kSpan; }

private:
    struct Entry {
        std::size_t bytes;
        Nanoseconds duration;
    };
    std::deque<Entry> m_entries;
    std::size_t m_bytes = 0;
    Nanoseconds m_duration{};
};

}  // namespace live::package
