#include "server/package/snapshot_builder.h"

#include "server/package/hls/multivariant.h"

namespace live::package {

std::shared_ptr<const store::StreamSnapshot> SnapshotBuilder::build(const State& state) {
    auto snapshot = std::make_shared<store::StreamSnapshot>();
    snapshot->plan = state.plan;
    snapshot->renditions.reserve(state.lines.size());
    for (std::size_t i = 0; i < state.lines.size(); ++i) snapshot->renditions.push_back(rendition(state, i));
    if (m_multivariant.plain.empty()) m_multivariant = multivariant(state);
    snapshot->multivariant = m_multivariant;
    snapshot->newest = state.plan.grid.slot(state.plan.grid.slotIndex(state.next) - 1);
    snapshot->hinted = state.next;
    snapshot->isEnded = state.isEnded;
    snapshot->publishedAt = state.now;
    return snapshot;
}

store::RenditionSnapshot SnapshotBuilder::rendition(const State& state, std::size_t index) {
    const RenditionLine& line = state.lines[index];
    store::RenditionSnapshot snapshot;
    snapshot.id = line.rendition().id;
    snapshot.kind = line.rendition().kind;
    snapshot.isShed = line.isShed();
    line.window().describe(snapshot);
    if (line.isShed()) return snapshot;

    hls::MediaPlaylist playlist{.timing = m_timing,
                                .discontinuitySequence = state.discontinuitySequence,
                                .segments = line.window().lines(),
                                .otherRenditions = {},
                                .newest = state.plan.grid.slot(state.plan.grid.slotIndex(state.next) - 1),
                                .hint = state.isEnded ? std::nullopt : std::optional(state.next)};
    for (std::size_t other = 0; other < state.lines.size(); ++other)
        if (other != index && !state.lines[other].isShed())
            playlist.otherRenditions.push_back(state.lines[other].rendition().id.text());
    hls::MediaPlaylistText text = hls::write(playlist);
    snapshot.playlist = m_compressor.body(text.full);
    if (!text.delta.empty()) snapshot.delta = m_compressor.body(text.delta);
    return snapshot;
}

store::TextBody SnapshotBuilder::multivariant(const State& state) {
    hls::Multivariant playlist{state.plan, {}};
    for (const RenditionLine& line : state.lines)
        playlist.renditions.push_back(
            {.rendition = line.rendition(),
             .codec = line.isShed() ? std::string() : line.codec(),
             .averageBandwidth = line.meter().hasFullSpan() ? line.meter().measured() : line.rendition().bitrate,
             .isShed = line.isShed()});
    return m_compressor.body(hls::write(playlist));
}

}  // namespace live::package
