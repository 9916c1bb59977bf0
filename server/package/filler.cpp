#include "server/package/filler.h"

#include "server/package/cmaf/avc_sample.h"
#include "server/package/text.h"

namespace live::package {

using media::MediaKind;

Result<Filler> Filler::checked(const GridTrack& track, std::vector<Buffer> frames) {
    const media::TrackGrid grid = track.track();
    const std::int64_t shortest = track.kind == MediaKind::Audio ? 1
                                                                 : mulDivFloor(track.grid.segmentDuration().count(),
                                                                               grid.timescale, grid.frameTicks);
    if (static_cast<std::int64_t>(frames.size()) < shortest)
        return fail(ErrorCode::InvalidArgument, joined("filler has ", frames.size(), " frames, it needs ", shortest));
    return Filler(track, std::move(frames));
}

Result<Filler> Filler::create(const GridTrack& track, std::vector<EncodedFrame> frames, ByteView configuration) {
    std::vector<Buffer> data;
    for (const EncodedFrame& frame : frames) {
        if (track.kind == MediaKind::Audio) {
            if (frame.data.empty()) return fail(ErrorCode::InvalidArgument, "a frame of filler is empty");
            data.push_back(frame.data);
            continue;
        }
        cmaf::AvcSample sample = LIVE_TRY(cmaf::avcSample(frame.data, configuration));
        if (sample.isIdr != data.empty())
            return fail(ErrorCode::InvalidArgument, "filler must have one key frame, its first");
        data.push_back(std::move(sample.data));
    }
    return checked(track, std::move(data));
}

Result<Filler> Filler::fromSegment(const GridTrack& track, const store::Segment& segment) {
    std::vector<Buffer> data;
    for (const store::Part& part : segment.parts) {
        const cmaf::FragmentContent content = LIVE_TRY(cmaf::readFragment(part.bytes));
        const bool isSpliced = track.kind == MediaKind::Video && !data.empty() && content.startsWithKey;
        for (const cmaf::Sample& sample : content.samples) {
            if (isSpliced || sample.duration != track.track().frameTicks)
                return fail(ErrorCode::Unsupported, "a segment with a splice or left-out frames cannot be filler");
            data.push_back(sample.data);
        }
    }
    return checked(track, std::move(data));
}

Result<Filler> Filler::fromBytes(const GridTrack& track, const Buffer& bytes) {
    cmaf::FragmentContent content = LIVE_TRY(cmaf::readFragment(bytes));
    std::vector<Buffer> data;
    for (cmaf::Sample& sample : content.samples) data.push_back(std::move(sample.data));
    return checked(track, std::move(data));
}

Buffer Filler::bytes() const {
    std::vector<cmaf::Sample> samples;
    for (const Buffer& data : m_frames) samples.push_back({data, m_track.track().frameTicks});
    return cmaf::writeFragment({.kind = m_track.kind, .startsWithKey = true, .samples = samples});
}

std::vector<ReadySlot> Filler::parts(media::SlotId from, media::SlotId to) const {
    std::vector<ReadySlot> parts;
    std::int64_t firstOfRun = m_track.firstFrame(from);
    for (media::SlotId slot = from; slot < to; slot = m_track.grid.next(slot)) {
        if (slot.part == 0) firstOfRun = m_track.firstFrame(slot);
        parts.push_back(this->part(slot, firstOfRun));
    }
    return parts;
}

ReadySlot Filler::part(media::SlotId slot, std::int64_t firstOfRun) const {
    const std::int64_t first = m_track.firstFrame(slot);
    const std::int64_t end = m_track.firstFrame(m_track.grid.next(slot));
    const bool isAudio = m_track.kind == MediaKind::Audio;
    const std::uint32_t ticks = m_track.track().frameTicks;
    std::vector<cmaf::Sample> samples;
    for (std::int64_t frame = first; frame < end; ++frame) {
        auto index = static_cast<std::size_t>(frame - firstOfRun);
        if (isAudio) index %= m_frames.size();
        // A segment may have one frame more than the filler: then the last picture lasts longer.
        if (index < m_frames.size())
            samples.push_back({m_frames[index], ticks});
        else
            samples.back().duration += ticks;
    }
    ReadySlot ready = makeSlot(m_track, slot, samples, isAudio || first == firstOfRun);
    ready.isFiller = true;
    return ready;
}

}  // namespace live::package
