#include "server/transcode/worker/output.h"

#include <algorithm>

namespace live::transcode::worker {

namespace {
constexpr Nanoseconds kEventInterval = Seconds(1);

bool isLimited(Event::Kind kind) {
    return kind == Event::Kind::InputBad || kind == Event::Kind::InputChanged || kind == Event::Kind::Unsupported;
}
}  // namespace

void Output::start(const media::BroadcastPlan& plan, media::SlotId firstSlot, SaveInput saveInput) {
    const std::lock_guard lock(m_mutex);
    m_plan = plan;
    m_saveInput = std::move(saveInput);
    m_nextSlot = plan.grid.slotIndex(firstSlot);
    m_renditions.clear();
    for (std::size_t i = 0; i < plan.renditions.size(); ++i) {
        m_renditions.push_back({.next = plan.grid.firstFrame(plan.track(i), firstSlot)});
    }
}

void Output::send(Record record) {
    const std::lock_guard lock(m_mutex);
    m_emit(std::move(record));
}

void Output::event(Event event, BootTime now) {
    const std::lock_guard lock(m_mutex);
    if (isLimited(event.kind)) {
        const auto same = [&](const Limited& known) {
            return known.kind == event.kind && known.rendition == event.rendition;
        };
        const auto known = std::ranges::find_if(m_limited, same);
        if (known == m_limited.end()) {
            m_limited.push_back({event.kind, event.rendition, now});
        } else if (now - known->last < kEventInterval) {
            return;
        } else {
            known->last = now;
        }
    }
    m_emit(std::move(event));
}

void Output::packet(OutputPacket packet) {
    const std::lock_guard lock(m_mutex);
    Rendition& rendition = m_renditions[packet.rendition];
    if (rendition.isOff || packet.frame < rendition.next) return;
    rendition.next = packet.frame + packet.frameCount;
    m_emit(std::move(packet));
    sendCompletedSlots();
}

void Output::sendCompletedSlots() {
    const auto isComplete = [this](std::int64_t slot) {
        for (std::size_t i = 0; i < m_renditions.size(); ++i) {
            if (m_renditions[i].isOff) continue;
            if (m_renditions[i].next < m_plan->grid.firstFrame(m_plan->track(i), slot + 1)) return false;
        }
        return true;
    };
    while (isComplete(m_nextSlot)) {
        Checkpoint checkpoint{.slot = m_plan->grid.slot(m_nextSlot)};
        m_saveInput(checkpoint);
        m_emit(std::move(checkpoint));
        ++m_nextSlot;
    }
}

void Output::off(std::size_t rendition) {
    const std::lock_guard lock(m_mutex);
    m_renditions[rendition].isOff = true;
}

void Output::on(std::size_t rendition, std::int64_t frame) {
    const std::lock_guard lock(m_mutex);
    if (m_renditions[rendition].isOff) m_renditions[rendition] = {.next = frame};
}

std::int64_t Output::reached(std::size_t rendition) const {
    const std::lock_guard lock(m_mutex);
    return m_renditions[rendition].next;
}

}  // namespace live::transcode::worker
