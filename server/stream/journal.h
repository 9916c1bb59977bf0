// What must be known of a broadcast after the process was killed, besides the media in the mirror.
#pragma once

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

// Never blocks: an entry is durable soon after put(), in the order of the calls. Media thread.
class Journal {
public:
    virtual ~Journal() = default;
    virtual void put(const JournalEntry& entry) = 0;
};

}  // namespace live::stream
