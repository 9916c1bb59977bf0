// A data plane without media: streams are on air when a test says so, and end as the real one ends them.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "server/stream/live_plane.h"

namespace live::test {

// Any thread. `done` of stop() runs on a thread of its own, as the real one runs on the media thread.
class FakeLivePlane final : public stream::LivePlane {
public:
    // Puts a stream of the policy on air with one input and two renditions. False if it is unknown or disabled.
    bool publish(const StreamId& stream);
    std::shared_ptr<const stream::Policy> policy() const;
    // Streams that stop() was called for, and the hold it was given.
    std::vector<std::pair<StreamId, Seconds>> stops() const;

    void apply(std::shared_ptr<const stream::Policy> policy) override;
    std::shared_ptr<const stream::StreamStats> stats(const StreamId& stream) const override;
    void stop(const StreamId& stream, Seconds hold, std::move_only_function<void(Result<void>)> done) override;

private:
    mutable std::mutex m_mutex;
    std::shared_ptr<const stream::Policy> m_policy = std::make_shared<stream::Policy>();
    std::map<StreamId, std::shared_ptr<const stream::StreamStats>> m_stats;
    std::vector<std::pair<StreamId, Seconds>> m_stops;
};

}  // namespace live::test
