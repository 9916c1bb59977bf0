// Hours in the life of a broadcast, in virtual time: a publisher whose clock drifts → input mapping; output clock →
// packager → window → the origin's decisions, as a player asks for them.
#pragma once

#include <malloc.h>

#include "server/observe/process.h"
#include "tests/integration/day/player.h"
#include "tests/integration/day/publisher.h"
#include "tests/unit/package/broadcast.h"

namespace live::test {

class Day {
public:
    // One video rendition and audio, D = 2 s, profile low.
    explicit Day(std::int64_t driftPpm)
        : m_broadcast(twoRenditions()),
          m_clock(m_broadcast.now, m_broadcast.plan.grid.segmentStart(m_broadcast.plan.firstSegment)),
          m_start(m_broadcast.now),
          m_publisher(m_start, driftPpm),
          m_player(m_broadcast.plan) {}

    struct Size {
        std::size_t heapBytes = 0;
        std::size_t residentBytes = 0;
        std::size_t playlistBytes = 0;
        std::size_t segments = 0, removedSegments = 0;
    };
    Size size() const {
        const store::RenditionSnapshot& video = m_broadcast.rendition(0);
        return {.heapBytes = mallinfo2().uordblks,
                .residentBytes = observe::readProcess().rssBytes.value_or(0),
                .playlistBytes = video.playlist.plain.size(),
                .segments = video.segments.size(),
                .removedSegments = video.removed.size()};
    }

    // Ends at a segment boundary, so that sizes can be compared.
    void run(Seconds duration) {
        const BootTime end = m_broadcast.now + duration;
        while (m_broadcast.now < end || m_broadcast.at.part != 0) slot();
    }

    // What was wrong, empty if nothing was. `early`: the size when the window had been full for a while.
    QString problem(const Size& early) const {
        if (!m_player.problem.isEmpty()) return m_player.problem;
        const Size late = size();
        if (late.heapBytes > early.heapBytes + 64 * 1024)
            return QStringLiteral("memory: %1 → %2 bytes").arg(early.heapBytes).arg(late.heapBytes);
        if (late.playlistBytes != early.playlistBytes || late.segments != early.segments ||
            late.removedSegments != early.removedSegments)
            return QStringLiteral("the window: a playlist of %1 → %2 bytes, %3 → %4 segments")
                .arg(early.playlistBytes)
                .arg(late.playlistBytes)
                .arg(early.segments + early.removedSegments)
                .arg(late.segments + late.removedSegments);
        if (m_publisher.worstOffset > Milliseconds(20))
            return QStringLiteral("audio and video are %1 ns apart").arg(m_publisher.worstOffset.count());
        if (m_publisher.repairs > 0) return QStringLiteral("%1 time stamps were repaired").arg(m_publisher.repairs);
        if (m_publisher.leastDelay < DriftingPublisher::kDelay - Milliseconds(50) ||
            m_publisher.mostDelay > DriftingPublisher::kDelay + Milliseconds(50))
            return QStringLiteral("the delay went from %1 to %2 ns")
                .arg(m_publisher.leastDelay.count())
                .arg(m_publisher.mostDelay.count());
        if (std::chrono::abs(m_clock.at(m_broadcast.now) - reference()) > Milliseconds(20))
            return QStringLiteral("the output clock has left the system clock");
        return {};
    }

    const DriftingPublisher& publisher() const { return m_publisher; }
    std::int64_t requests() const { return m_player.requests; }

private:
    static media::BroadcastPlan twoRenditions() {
        media::BroadcastPlan plan = examplePlan();
        plan.renditions.erase(plan.renditions.begin());
        return plan;
    }
    // The system clock runs 40 ppm faster than CLOCK_BOOTTIME.
    OutputTime reference() const {
        const Nanoseconds elapsed = m_broadcast.now - m_start;
        return m_broadcast.plan.grid.segmentStart(m_broadcast.plan.firstSegment) + elapsed + elapsed / 25'000;
    }

    // A slot is encoded when its last frame is over.
    void slot() {
        const media::SlotId slot = m_broadcast.at;
        const media::SlotId next = m_broadcast.plan.grid.next(slot);
        m_broadcast.now = m_clock.when(m_broadcast.plan.grid.partStart(m_broadcast.plan.grid.video(), next));
        m_clock.discipline(m_broadcast.now, reference());
        m_publisher.sendUntil(m_broadcast.now, m_clock);
        const bool isFirst = m_entry.current == nullptr;
        if (!isFirst) m_player.askAhead(m_entry, m_broadcast.now, slot);
        for (std::size_t i = 0; i < m_broadcast.plan.renditions.size(); ++i) m_broadcast.pushSlot(i, slot).value();
        m_broadcast.at = next;
        m_entry.current = m_broadcast.packager->snapshot();
        if (!isFirst) m_player.takeHeld(m_entry, m_broadcast.now, slot);
        ++m_slots;
        if (m_slots < kSlotsUntilFull) return;
        if (m_slots % 7 == 0) m_player.askForADelta(m_entry, m_broadcast.now, slot);
        if (m_slots % 11 == 0) m_player.seekBack(m_entry, m_broadcast.now);
        if (m_slots % 13 == 0) m_player.askTooFarAhead(m_entry, m_broadcast.now, slot);
    }

    static constexpr std::int64_t kSlotsUntilFull = 300;  // of the window and of what is kept behind it

    Broadcast m_broadcast;
    media::OutputClock m_clock;
    const BootTime m_start;
    DriftingPublisher m_publisher;
    Player m_player;
    store::StreamEntry m_entry;
    std::int64_t m_slots = 0;
};

}  // namespace live::test
