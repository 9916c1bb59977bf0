#include "server/stream/broadcast_studio.h"

namespace live::stream {

BroadcastStudio::BroadcastStudio(BroadcastContext context, store::Directory& directory, BroadcastSettings defaults)
    : m_ends(context.io, context.clock, *context.journal, context.logger),
      m_context(std::move(context)),
      m_directory(directory),
      m_defaults(std::move(defaults)) {
    m_context.journal = &m_ends;
}

Publication& BroadcastStudio::publication(const StreamId& stream) {
    std::unique_ptr<Publication>& entry = m_publications[stream];
    if (!entry)
        entry = std::make_unique<Publication>(
            stream, m_directory, m_context.clock,
            [this, stream](const BroadcastId& id) { m_context.mirror.remove(stream, id); });
    return *entry;
}

void BroadcastStudio::forget(const StreamId& stream) {
    m_publications.erase(stream);
    m_directory.remove(stream);
    m_context.mirror.remove(stream);
    m_ends.forget(stream);
}

void BroadcastStudio::describe(const StreamId& stream, StreamStats& stats) const {
    if (m_ends.isRefused(stream))
        stats.alarms.push_back("a restart would bring the ended broadcast back: the catalog has not taken its end yet");
}

Result<std::unique_ptr<OnAir>> BroadcastStudio::start(const StreamId& stream, const BroadcastSettings& settings,
                                                      const ProbedInput& input, OnAirListener& listener) {
    const UnixTime unix = m_context.clock.unix();
    const media::OutputClock clock(m_context.clock.boot(), OutputTime(unix.time_since_epoch()));
    BroadcastSettings effective = settings;
    if (m_defaults.window) effective.window = effectiveWindow(effective, *m_defaults.window);
    const media::BroadcastPlan plan =
        planBroadcast(stream, makeBroadcastId(unix), effective, *m_defaults.ladder, input, clock.mapping().output);
    return Broadcast::start(m_context, plan, clock, publication(stream), listener);
}

Result<std::unique_ptr<OnAir>> BroadcastStudio::resume(Remains remains, OnAirListener& listener) {
    Publication& entry = publication(remains.entry.plan.stream);
    // What was resumed before it is the broadcast before it: it stays for a window.
    entry.starting();
    auto resumed = Broadcast::resume(m_context, std::move(remains), entry, listener);
    if (!resumed && resumed.error().code != ErrorCode::Timeout) entry.abandon();
    return resumed;
}

void BroadcastStudio::tick() {
    for (auto& [stream, publication] : m_publications) publication->tick();
    m_ends.tick();
}

}  // namespace live::stream
