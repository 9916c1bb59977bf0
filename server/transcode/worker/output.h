// The worker's one way out: records from all its threads, one at a time, with the bookkeeping that needs the order they
// leave in.
#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "server/transcode/link/records.h"

namespace live::transcode::worker {

// Any thread. The callbacks run under the lock of this object: they must not call back into it.
class Output {
public:
    using Emit = std::move_only_function<void(Record)>;
    // Fills the input fields of a checkpoint.
    using SaveInput = std::function<void(Checkpoint&)>;

    explicit Output(Emit out) : m_emit(std::move(out)) {}

    void start(const media::BroadcastPlan& plan, media::SlotId firstSlot, SaveInput saveInput);
    void send(Record record);
    // At most one event of a kind and rendition a second, `now` apart: a hostile input must not flood the link.
    // Shedding, FirstFrame and Failed are never left out.
    void event(Event event, BootTime now);
    // A packet of the broadcast. Left out when its rendition is off. The last one of a slot in all renditions is
    // followed by a checkpoint.
    void packet(OutputPacket packet);

    // No packet of the rendition leaves from now on, until on() with the frame it goes on with. One that is on stays as
    // it is: frames before that one may still be with its encoder.
    void off(std::size_t rendition);
    void on(std::size_t rendition, std::int64_t frame);

    // Of a rendition: the first frame that has not left.
    std::int64_t reached(std::size_t rendition) const;

private:
    struct Rendition {
        std::int64_t next = 0;
        bool isOff = false;
    };
    struct Limited {
        Event::Kind kind;
        std::uint8_t rendition;
        BootTime last;
    };

    void sendCompletedSlots();

    mutable std::mutex m_mutex;
    Emit m_emit;
    std::optional<media::BroadcastPlan> m_plan;
    SaveInput m_saveInput;
    std::vector<Rendition> m_renditions;
    std::int64_t m_nextSlot = 0;  // counted from the epoch
    std::vector<Limited> m_limited;
};

}  // namespace live::transcode::worker
