// One rendition on its way from encoded frames to the window.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "common/base/error.h"
#include "server/media/plan.h"
#include "server/package/encoded_frame.h"
#include "server/package/filler.h"
#include "server/package/rate_meter.h"
#include "server/package/rendition_window.h"
#include "server/package/restore.h"
#include "server/package/slot_assembler.h"
#include "server/store/mirror.h"

namespace live::package {

// Frames become parts, parts wait until all renditions have their slot, then they are published. The packager says
// when; this knows what this rendition needs for it: configuration, filler, whether it takes part. Owner thread: media.
class RenditionLine {
public:
    RenditionLine(media::Rendition rendition, const GridTrack& track, media::SlotId first)
        : m_rendition(std::move(rendition)), m_track(track), m_assembler(track, first), m_window(track) {}

    const media::Rendition& rendition() const { return m_rendition; }
    const RenditionWindow& window() const { return m_window; }
    RenditionWindow& window() { return m_window; }
    const RateMeter& meter() const { return m_meter; }
    std::uint64_t droppedFrames() const { return m_assembler.droppedFrames(); }
    const std::string& codec() const { return m_current->codec; }  // RFC 6381; only of a listed rendition
    std::string newestCodec() const { return m_current ? newest().codec : std::string(); }

    // --- configuration and filler
    enum class Change : std::uint8_t {
        None,       // the same, or nobody has seen the one before
        Announced,  // in force from segment `changeAt`; up to there this rendition is filler
    };
    // `next` is the slot to be published next, `changeAt` the first segment that has not begun. Conflict: no filler.
    Result<Change> configure(const Buffer& configuration, media::SlotId next, std::int64_t changeAt);
    const store::Init& newestInit() const { return newest().init; }  // not before configure()
    Result<store::MirrorFiller> setFiller(std::vector<EncodedFrame> frames);
    bool hasFiller() const { return m_filler.has_value(); }
    // Filler for [from, to), with the upcoming configuration from segment `changeAt` on. Conflict: there is none.
    Result<std::deque<ReadySlot>> filler(media::SlotId from, media::SlotId to, std::int64_t changeAt) const;

    // --- frames
    // Overloaded when `maxReady` parts wait already; Protocol as SlotAssembler. True when slots may have become ready.
    Result<bool> push(const EncodedFrame& frame, std::size_t maxReady);
    // A new worker starts at `next`: live parts that nobody has seen are dropped, filler stays.
    void discardLive(media::SlotId next);
    void replaceReady(std::deque<ReadySlot> ready, media::SlotId end);
    void clearReady() { m_ready.clear(); }

    // --- shedding
    bool isShed() const { return m_isShed; }
    // Whether `slot` waits for this rendition.
    bool takesPart(media::SlotId slot) const;
    bool isReady(media::SlotId slot) const { return !m_ready.empty() && m_ready.front().slot == slot; }
    void shed(media::SlotId next);
    // Takes part again from `fromSegment` on. Conflict: no filler, or what is listed has another configuration.
    Result<void> restore(std::int64_t fromSegment);
    // If it is to take part again, then not before `slot`.
    void postponeRestore(media::SlotId slot);
    // It is listed again: publishes filler for [from, to) and is no longer shed.
    std::vector<store::MirrorSlot> catchUp(media::SlotId from, media::SlotId to, const RenditionWindow& reference);

    // --- publishing
    struct Published {
        store::MirrorPart part;
        BootTime encodedAt{};
    };
    // `slot` isReady(). A configuration that was announced for the start of a discontinuity segment comes into force.
    enum class Seam : std::uint8_t { None, Discontinuity };
    Published publish(media::SlotId slot, Seam seam);
    void measureClosedSegment();

    // --- restart
    // Filler takes the place of what the mirror lacks from segment `oldest` on; where that cannot be had, the list
    // begins after the last hole.
    Result<void> adopt(RestoredRendition restored, std::int64_t oldest);
    void markShed() { m_isShed = true; }

private:
    struct Configured {
        Buffer configuration;
        store::Init init;
        std::string codec;
    };
    Result<Configured> configured(const Buffer& configuration, store::Init init) const;
    const Configured& newest() const { return m_upcoming ? *m_upcoming : *m_current; }
    bool comesBackLater(const EncodedFrame& frame);
    void replaceConfiguration(Configured configured, media::SlotId next);
    // With the init that is in force now; if need be, one of `segments` once more.
    Result<Filler> currentFiller(const Segments& segments) const;
    store::MirrorPart append(media::SlotId slot, store::Part part, Seam seam);

    media::Rendition m_rendition;
    GridTrack m_track;
    SlotAssembler m_assembler;
    RenditionWindow m_window;
    std::deque<ReadySlot> m_ready;
    std::optional<Configured> m_current;
    std::optional<Configured> m_upcoming;
    std::optional<Filler> m_filler;  // of the newest configuration
    RateMeter m_meter;
    bool m_isShed = false;
    std::optional<std::int64_t> m_restoredFrom;  // while shed: takes part again from this segment
};

}  // namespace live::package
