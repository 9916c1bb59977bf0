// What must be known of a broadcast after the process was killed, besides the media in the mirror.
#pragma once

#include <functional>

#include "common/base/error.h"
#include "common/base/time.h"
#include "server/media/plan.h"

namespace live::stream {

struct JournalEntry {
    media::BroadcastPlan plan;
    std::uint32_t discontinuities = 0;  // announced since the broadcast began
    Nanoseconds clockOffset{};          // output time - CLOCK_BOOTTIME: valid until the machine boots anew
    OutputTime highWater{};             // no slot that was shown starts after it; written ahead
    bool isEnded = false;
};

// Never blocks: an entry is durable when `done` runs, in the order of the calls. put() is called on the media thread,
// `done` runs once on any.
class Journal {
public:
    using Done = std::move_only_function<void(Result<void>)>;

    virtual ~Journal() = default;
    virtual void put(const JournalEntry& entry, Done done) = 0;
};

}  // namespace live::stream
