// The worker's output clock: follows the server's by slewing.
#pragma once

#include <mutex>
#include <optional>

#include "common/base/clock.h"
#include "server/media/output_clock.h"

namespace live::transcode::worker {

// Any thread.
class PlayoutClock {
public:
    explicit PlayoutClock(const Clock& clock) : m_clock(clock) {}

    // The first one is taken as it is.
    media::OutputClock::Discipline discipline(const media::ClockMapping& server) {
        const std::lock_guard lock(m_mutex);
        const BootTime now = m_clock.boot();
        const OutputTime reference = server.at(now);
        if (!m_output) m_output.emplace(now, reference);
        return m_output->discipline(now, reference);
    }
    bool isSet() const {
        const std::lock_guard lock(m_mutex);
        return m_output.has_value();
    }
    // Only when it is set.
    OutputTime now() const {
        const std::lock_guard lock(m_mutex);
        return m_output->at(m_clock.boot());
    }
    BootTime boot() const { return m_clock.boot(); }
    // How long until then; negative when it is past.
    Nanoseconds until(OutputTime time) const {
        const std::lock_guard lock(m_mutex);
        return m_output->when(time) - m_clock.boot();
    }

private:
    const Clock& m_clock;
    mutable std::mutex m_mutex;
    std::optional<media::OutputClock> m_output;
};

}  // namespace live::transcode::worker
