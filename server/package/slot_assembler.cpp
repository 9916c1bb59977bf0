#include "server/package/slot_assembler.h"

#include <algorithm>

#include "server/package/cmaf/avc_sample.h"
#include "server/package/text.h"

namespace live::package {

using media::MediaKind;

ReadySlot makeSlot(const GridTrack& track, media::SlotId slot, std::span<const cmaf::Sample> samples,
                   bool startsWithKey) {
    const auto position = slot.part == 0 ? cmaf::FragmentPosition::SegmentStart : cmaf::FragmentPosition::Inside;
    Buffer bytes =
        cmaf::writeFragment({.kind = track.kind,
                             .position = position,
                             .sequence = static_cast<std::uint32_t>(track.grid.slotIndex(slot)),
                             .decodeTime = static_cast<std::uint64_t>(track.track().ticks(track.firstFrame(slot))),
                             .startsWithKey = startsWithKey,
                             .samples = samples});
    return {.slot = slot,
            .part = {std::move(bytes), track.grid.partDuration(track.track(), slot), startsWithKey},
            .encodedAt = {}};
}

void SlotAssembler::reset(media::SlotId first) {
    m_slot = first;
    m_nextFrame = m_track.firstFrame(first);
    m_slotEnd = m_track.firstFrame(m_track.grid.next(first));
    m_needsKey = true;
    m_startsWithKey = false;
    m_bytes = 0;
    m_samples.clear();
}

Result<void> SlotAssembler::checkPosition(const EncodedFrame& frame) const {
    if (frame.frameCount == 0 || (m_track.kind == MediaKind::Audio && frame.frameCount != 1))
        return fail(ErrorCode::Protocol, joined("frame ", frame.frame, " lasts ", frame.frameCount, " frames"));
    if (frame.frame != m_nextFrame)
        return fail(ErrorCode::Protocol, joined("frame ", frame.frame, " came where ", m_nextFrame, " was expected"));
    if (frame.frame + frame.frameCount > m_slotEnd)
        return fail(ErrorCode::Protocol,
                    joined("frame ", frame.frame, " lasts ", frame.frameCount, " frames, over the end of slot ",
                           m_slot.segment, ".", m_slot.part, " at frame ", m_slotEnd));
    return {};
}

Result<Buffer> SlotAssembler::checkedData(const EncodedFrame& frame, ByteView configuration) const {
    if (frame.data.empty() || frame.data.size() > kMaxPartBytes - m_bytes)
        return fail(ErrorCode::Protocol, joined("frame ", frame.frame, " has ", frame.data.size(), " bytes"));
    if (m_track.kind == MediaKind::Audio) return frame.data;

    cmaf::AvcSample sample = LIVE_TRY(cmaf::avcSample(frame.data, configuration));
    if (sample.isIdr != frame.isKey)
        return fail(ErrorCode::Protocol, joined("frame ", frame.frame, " is marked as what it is not: key frame"));
    if (frame.isKey && !m_samples.empty())
        return fail(ErrorCode::Protocol, joined("frame ", frame.frame, " is a key frame inside a part"));
    if (!frame.isKey && m_samples.empty() && (m_needsKey || m_slot.part == 0))
        return fail(ErrorCode::Protocol, joined("frame ", frame.frame, " must be a key frame"));
    return sample.data;
}

Result<std::optional<ReadySlot>> SlotAssembler::push(const EncodedFrame& frame, ByteView configuration) {
    if (frame.frameCount > 0 && frame.frame + frame.frameCount <= m_nextFrame) {
        ++m_dropped;
        return std::nullopt;
    }
    LIVE_TRY(checkPosition(frame));
    Buffer data = LIVE_TRY(checkedData(frame, configuration));
    if (m_samples.empty()) m_startsWithKey = frame.isKey || m_track.kind == MediaKind::Audio;
    m_bytes += data.size();
    m_samples.push_back({std::move(data), frame.frameCount * m_track.track().frameTicks});
    m_needsKey = false;
    m_encodedAt = std::max(m_encodedAt, frame.encodedAt);
    m_nextFrame += frame.frameCount;
    if (m_nextFrame < m_slotEnd) return std::nullopt;
    return finish();
}

ReadySlot SlotAssembler::finish() {
    ReadySlot ready = makeSlot(m_track, m_slot, m_samples, m_startsWithKey);
    ready.encodedAt = m_encodedAt;
    reset(m_track.grid.next(m_slot));
    m_needsKey = false;
    return ready;
}

}  // namespace live::package
