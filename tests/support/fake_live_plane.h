// A data plane without media: streams are on air when a test says so, and end as the real one ends them.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "common/base/clock.h"
#include "server/stream/live_plane.h"

namespace live::test {

// Any thread. `done` of stop() runs on a thread of its own, as the real one runs on the media thread. `clock` outlives
// it.
class FakeLivePlane final : public stream::LivePlane {
public:
    explicit FakeLivePlane(const Clock& clock) : m_clock(clock) {}

    // Puts a stream of the policy on air with one input and two renditions. False if it is unknown, disabled or held.
    bool publish(const StreamId& stream);
    std::shared_ptr<const stream::Policy> policy() const;
    // Streams that stop() was called for, and the hold it was given.
    std::vector<std::pair<StreamId, Seconds>> stops() const;

    void apply(std::shared_ptr<const stream::Policy> policy) override;
    std::shared_ptr<const stream::StreamStats> stats(const StreamId& stream) const override;
    void stop(const StreamId& stream, Seconds hold, std::move_only_function<void(Result<void>)> done) override;

private:
    // The stream's policy counts until the first stop().
    BootTime heldUntil(const StreamId& stream) const;

    const Clock& m_clock;
    mutable std::mutex m_mutex;
    std::shared_ptr<const stream::Policy> m_policy = std::make_shared<stream::Policy>();
    std::map<StreamId, std::shared_ptr<const stream::StreamStats>> m_stats;
    std::map<StreamId, BootTime> m_heldUntil;
    std::vector<std::pair<StreamId, Seconds>> m_stops;
};

}  // namespace live::test
