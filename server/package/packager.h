// Makes what viewers fetch out of encoded frames: parts, segments, playlists, snapshots.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "common/base/error.h"
#include "server/media/plan.h"
#include "server/package/encoded_frame.h"
#include "server/package/rendition_line.h"
#include "server/package/restore.h"
#include "server/package/snapshot_builder.h"
#include "server/store/mirror.h"
#include "server/store/snapshot.h"

namespace live::package {

// A slot that has become part of the broadcast. It may come a second time with only the filler of a rendition that had
// been shed when it came first.
struct PublishedSlot {
    store::MirrorSlot slot;  // parts are absent in renditions that are shed, or whose part came before
    BootTime encodedAt{};    // when its last frame left an encoder; the epoch for filler
};

// What a call changed. `snapshot` is what viewers see from now on; null when nothing changed for them, and until the
// first segment is closed, as a first playlist needs one.
struct Publication {
    std::vector<PublishedSlot> published;
    std::shared_ptr<const store::StreamSnapshot> snapshot;
};

// One broadcast. A slot is published in all renditions together, when the last one that is not shed has it.
//
// Owner thread: media. No I/O, no clock: `now` is passed in and never goes back. Errors change nothing:
//   Protocol    frames that would make a corrupt part (SlotAssembler): the worker has to be replaced
//   Overloaded  a rendition is kMaxAhead ahead of the slowest one: shed that one or replace the worker
//   Conflict    the call does not fit the state
//   InvalidArgument  a rendition that the plan does not have, filler that is too short
// Renditions are named by their index in the plan.
class Packager {
public:
    static constexpr Seconds kMaxAhead{30};

    // InvalidArgument: a plan without video, without exactly one audio rendition at its end, or with a window below 3
    // D.
    static Result<std::unique_ptr<Packager>> create(media::BroadcastPlan plan);
    // Goes on with what the mirror kept: the same segments with the same bytes are listed. Renditions that lack slots
    // the audio has are shed. snapshot() is what can be served at once; fillTo() comes first if time has passed.
    // Protocol: bytes that are not ours, nothing of the audio or of the lowest video rendition.
    static Result<std::unique_ptr<Packager>> restore(media::BroadcastPlan plan, Restored restored, BootTime now);

    // The decoder configuration of the frames that follow. The same one again changes nothing. Another one takes effect
    // at the next segment boundary, with EXT-X-DISCONTINUITY in all renditions; up to there the rendition is filler and
    // its frames are dropped. Conflict if that filler cannot be had. A shed rendition stays shed.
    Result<void> track(std::size_t rendition, const Buffer& configuration);
    Result<Publication> push(std::size_t rendition, const EncodedFrame& frame, BootTime now);

    // Discards what no viewer has seen: a new worker begins at next(), with a key frame in each video rendition.
    void workerRestarted();

    // Its playlist is gone, the others do not wait for it. Conflict for the lowest video rendition and for audio.
    Result<Publication> shed(std::size_t rendition, BootTime now);
    // Its frames count again from the start of `fromSegment`, or of the later segment that they start with; when they
    // are there it is listed again, with filler for what it missed. Conflict: not shed, `fromSegment` has begun, no
    // filler, or what is still listed has another configuration.
    Result<void> restoreShed(std::size_t rendition, std::int64_t fromSegment);

    // One segment of slate or silence encoded with the newest configuration (Filler::create). The result is what the
    // mirror keeps of it for RestoredRendition::filler.
    Result<store::MirrorFiller> setFiller(std::size_t rendition, std::vector<EncodedFrame> frames);
    // Of the newest configuration.
    bool hasFiller(std::size_t rendition) const { return m_lines[rendition].hasFiller(); }
    // Publishes filler in all renditions from next() up to, not including, `to`; live frames go on there, waiting ones
    // are dropped. When that is more than a window, the list becomes one window of filler. Without setFiller() a closed
    // segment is shown again.
    Result<Publication> fillTo(media::SlotId to, BootTime now);

    // The final playlist. Conflict while a segment is open: fill it up or let the worker finish it.
    Result<Publication> end(BootTime now);

    const media::BroadcastPlan& plan() const { return m_plan; }
    media::SlotId next() const { return m_next; }  // the first slot that is not published
    // The start of the first segment that has not begun.
    media::SlotId boundary() const { return m_next.part == 0 ? m_next : media::SlotId{m_next.segment + 1, 0}; }
    // Of the newest configuration that track() was given.
    const store::Init& newestInit(std::size_t rendition) const { return m_lines[rendition].newestInit(); }
    // RFC 6381, of that configuration; empty before it.
    std::string codec(std::size_t rendition) const { return m_lines[rendition].newestCodec(); }
    bool isShed(std::size_t rendition) const { return m_lines[rendition].isShed(); }
    // Null before the first snapshot.
    const std::shared_ptr<const store::StreamSnapshot>& snapshot() const { return m_snapshot; }
    // Published since the broadcast began: what Restored::discontinuities wants.
    std::uint32_t discontinuities() const { return m_discontinuities; }
    BitsPerSecond measuredBitrate(std::size_t rendition) const { return m_lines[rendition].meter().measured(); }
    std::uint64_t droppedFrames(std::size_t rendition) const { return m_lines[rendition].droppedFrames(); }

private:
    explicit Packager(media::BroadcastPlan plan);
    Result<void> adopt(Restored restored, BootTime now);
    Result<RenditionLine*> line(std::size_t rendition);

    bool isNextReady() const;
    void advance(Publication& publication, BootTime now);
    void publishNext(Publication& publication);
    void catchUp(std::size_t index, Publication& publication);
    void closeSegment(BootTime now);
    void startListAt(std::int64_t segment, BootTime now);
    void trimTo(std::int64_t head, BootTime now);
    void publishSnapshot(Publication& publication, BootTime now);

    media::BroadcastPlan m_plan;
    std::int64_t m_windowSegments;
    std::vector<RenditionLine> m_lines;
    SnapshotBuilder m_builder;
    media::SlotId m_next;
    std::optional<std::int64_t> m_discontinuityAt;  // the newest or announced segment with EXT-X-DISCONTINUITY
    std::uint32_t m_discontinuities = 0;
    std::uint32_t m_discontinuitySequence;
    bool m_isEnded = false;
    std::shared_ptr<const store::StreamSnapshot> m_snapshot;
};

}  // namespace live::package
