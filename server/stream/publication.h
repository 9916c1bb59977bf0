// A stream's entry in the directory, across its broadcasts. On the media thread.
#pragma once

#include <functional>
#include <optional>

#include "common/base/clock.h"
#include "server/store/directory.h"

namespace live::stream {

// Before the first playlist viewers are held; an ended broadcast stays for an hour, or until one window after the next
// one has started.
class Publication {
public:
    static constexpr Nanoseconds kKeepEnded = std::chrono::hours(1);

    // `dropped` is told of each ended broadcast that viewers can no longer fetch.
    using Dropped = std::function<void(const BroadcastId&)>;
    Publication(StreamId stream, store::Directory& directory, const Clock& clock, Dropped dropped);

    void starting();
    void publish(std::shared_ptr<const store::StreamSnapshot> snapshot);
    // A start that came to nothing.
    void abandon();
    void tick();

private:
    void set();
    void drop(std::shared_ptr<const store::StreamSnapshot>& snapshot);

    StreamId m_stream;
    store::Directory& m_directory;
    const Clock& m_clock;
    Dropped m_dropped;
    store::StreamEntry m_entry;
    std::optional<BootTime> m_endedAt;
    std::optional<BootTime> m_dropPreviousAt;
};

}  // namespace live::stream
