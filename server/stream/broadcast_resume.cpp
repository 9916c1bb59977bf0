// The other ways onto the air: after a restart of the server, and after a standstill.
#include <algorithm>

#include "server/stream/broadcast.h"

namespace live::stream {

namespace {

package::Restored toRestored(const Remains& remains) {
    package::Restored restored;
    restored.discontinuities = remains.entry.discontinuities;
    for (const store::MirroredRendition& rendition : remains.mirrored.renditions)
        restored.renditions.push_back({rendition.inits, rendition.filler, rendition.segments});
    return restored;
}

// On the same boot the broadcast's time went on while we were away; on another it follows the system clock, but never
// back behind what was shown.
media::OutputClock clockOf(const Remains& remains, BootTime boot, UnixTime unix) {
    if (remains.isSameBoot) return {boot, OutputTime(boot.time_since_epoch() + remains.entry.clockOffset)};
    return {boot, std::max(OutputTime(unix.time_since_epoch()), remains.entry.highWater)};
}

}  // namespace

Result<std::unique_ptr<Broadcast>> Broadcast::resume(BroadcastContext& context, Remains remains,
                                                     Publication& publication, OnAirListener& listener) {
    const BootTime now = context.clock.boot();
    auto packager = LIVE_TRY(package::Packager::restore(remains.entry.plan, toRestored(remains), now));
    const media::OutputClock clock = clockOf(remains, now, context.clock.unix());
    std::unique_ptr<Broadcast> broadcast(new Broadcast(context, std::move(packager), clock, publication, listener));
    const Nanoseconds away = clock.at(now) - remains.entry.highWater;
    if (remains.entry.isEnded && away > Publication::kKeepEnded)
        return fail(ErrorCode::NotFound, "the broadcast ended more than an hour ago");
    context.mirror.begin(remains.entry.plan);
    broadcast->m_isJournaled = true;
    if (remains.entry.isEnded || away > kLongestAbsence) {
        broadcast->publishFinal();
        if (!remains.entry.isEnded) broadcast->writeJournal(true);
        context.mirror.close(remains.entry.plan.broadcast);
        return fail(ErrorCode::Timeout, remains.entry.isEnded
                                            ? "the broadcast had ended before the restart"
                                            : "the broadcast was away for more than 10 minutes and has ended");
    }
    LIVE_TRY(broadcast->goOnAfterRestart());
    return broadcast;
}

Result<void> Broadcast::goOnAfterRestart() {
    const BootTime now = m_context.clock.boot();
    const media::SlotId live = boundaryAfterNow();
    auto filled = LIVE_TRY(m_packager->fillTo(live, now));
    for (package::PublishedSlot& slot : filled.published) commit(slot);
    if (filled.snapshot) m_publication.publish(filled.snapshot);
    writeJournal(false);
    bool wantsFiller = false;
    for (std::size_t i = 0; i < plan().renditions.size(); ++i) wantsFiller |= !m_packager->hasFiller(i);
    startWorker(live, wantsFiller);
    restoreAll();
    m_logger.info("broadcast.resumed", {{"segment", live.segment}});
    return {};
}

// A new worker starts with every rung.
void Broadcast::restoreAll() {
    for (std::size_t i = 0; i < plan().renditions.size(); ++i) restore(i);
}

bool Broadcast::isEncoded(std::size_t rendition) const {
    return !m_alarms.contains("shed." + plan().renditions[rendition].id.text());
}

// An encoder that was upgraded is configured differently. Its filler is only made by a worker that starts.
void Broadcast::wantFillerAnew() {
    const bool isAskedFor = !m_filler.empty();
    m_filler.assign(plan().renditions.size(), {});
    if (isAskedFor) return;
    m_supervisor->wantFiller();
    m_supervisor->replaceWorker("its configuration is another one: it has to make filler, too");
}

media::SlotId Broadcast::boundaryAfterNow() const {
    const media::SlotId afterNow{plan().grid.slotAt(m_clock.at(m_context.clock.boot())).segment + 1, 0};
    return std::max(afterNow, m_packager->boundary());
}

// Only once viewers have something to go on from.
void Broadcast::fillIfFarBehind() {
    const BootTime now = m_context.clock.boot();
    const Nanoseconds behind = m_clock.at(now) - plan().grid.partStart(plan().grid.video(), m_packager->next());
    // A broadcast begins up to two segments in the past, and encoding takes its time to make up for that.
    m_hasBeenOnTime |= behind <= kLongestCatchUp / 2;
    const Nanoseconds longest = kLongestCatchUp + (m_hasBeenOnTime ? Seconds(0) : 2 * plan().grid.segmentDuration());
    if (behind <= longest || !m_packager->snapshot()) return;
    const media::SlotId live = boundaryAfterNow();
    m_logger.warning("broadcast.filled",
                     {{"behind_s", std::chrono::duration<double>(behind).count()}, {"segment", live.segment}});
    published(m_packager->fillTo(live, now), "filler");
    m_supervisor->replaceWorker("it was " + std::to_string(std::chrono::round<Seconds>(behind).count()) + " s behind");
}

}  // namespace live::stream
