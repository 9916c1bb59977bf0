// Puts the windows of all renditions and their playlists into one snapshot.
#pragma once

#include <memory>
#include <span>

#include "server/media/plan.h"
#include "server/package/hls/compressor.h"
#include "server/package/hls/media_playlist.h"
#include "server/package/rendition_line.h"
#include "server/store/snapshot.h"

namespace live::package {

// Owner thread: media.
class SnapshotBuilder {
public:
    explicit SnapshotBuilder(const media::Grid& grid) : m_timing(grid) {}

    const hls::Timing& timing() const { return m_timing; }
    // The multivariant has changed: which renditions are listed, their codecs, their measured bandwidth.
    void invalidateMultivariant() { m_multivariant = {}; }

    struct State {
        const media::BroadcastPlan& plan;
        std::span<const RenditionLine> lines;
        media::SlotId next;  // the slot after the newest published one: the hint
        std::uint32_t discontinuitySequence = 0;
        bool isEnded = false;
        BootTime now{};
    };
    std::shared_ptr<const store::StreamSnapshot> build(const State& state);

private:
    store::RenditionSnapshot rendition(const State& state, std::size_t index);
    store::TextBody multivariant(const State& state);

    hls::Timing m_timing;
    hls::Compressor m_compressor;
    store::TextBody m_multivariant;
};

}  // namespace live::package
