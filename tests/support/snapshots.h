// Hand-made snapshots: what the packager would publish, with texts and bytes that a test can recognise.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "server/store/directory.h"
#include "server/store/snapshot.h"

namespace live::test {

struct SnapshotShape {
    std::string stream = "demo";
    std::string broadcast = "00000000000000000000000001";
    Seconds segmentDuration{2};
    LatencyProfile profile = LatencyProfile::Low;
    media::SlotId newest{1000, 2};
    int listedSegments = 6;   // the one that holds `newest` included
    int removedSegments = 2;  // before those
    bool isEnded = false;
    bool isShed = false;  // the video rendition
    bool hasDelta = true;
    std::size_t partBytes = 100;
    BootTime publishedAt{Seconds(1000)};
};

// "v720/1000.2" repeated and cut to `size`.
inline std::string partText(const std::string& rendition, media::SlotId slot, std::size_t size) {
    const std::string pattern = rendition + '/' + std::to_string(slot.segment) + '.' + std::to_string(slot.part) + ' ';
    std::string text;
    while (text.size() < size) text += pattern;
    text.resize(size);
    return text;
}

// "full v720 1000.2", "delta v720 1000.2", "master 1000.2"; the gzip form has "gz " in front.
inline store::TextBody textBody(const std::string& text) {
    return {Buffer::copyOf(text), Buffer::copyOf("gz " + text)};
}

inline std::shared_ptr<const store::Segment> makeSegment(const SnapshotShape& shape, const std::string& rendition,
                                                         std::int64_t number, std::int32_t parts) {
    auto segment = std::make_shared<store::Segment>();
    segment->number = number;
    segment->initName = "init-0123abcd.mp4";
    for (std::int32_t part = 0; part < parts; ++part)
        segment->parts.push_back(
            {Buffer::copyOf(partText(rendition, {number, part}, shape.partBytes)), Milliseconds(333), part == 0});
    return segment;
}

// Renditions "v720" and "a0".
inline std::shared_ptr<const store::StreamSnapshot> makeSnapshot(const SnapshotShape& shape) {
    auto snapshot = std::make_shared<store::StreamSnapshot>();
    snapshot->plan.stream = *StreamId::parse(shape.stream);
    snapshot->plan.broadcast = *BroadcastId::parse(shape.broadcast);
    snapshot->plan.grid = media::Grid(shape.segmentDuration, shape.profile, {30, 1});
    const std::int32_t slotCount = snapshot->plan.grid.slotsPerSegment();
    const std::string newest = std::to_string(shape.newest.segment) + '.' + std::to_string(shape.newest.part);
    for (const char* id : {"v720", "a0"}) {
        const bool isVideo = id[0] == 'v';
        media::Rendition planned;
        planned.id = *RenditionId::parse(id);
        planned.kind = isVideo ? media::MediaKind::Video : media::MediaKind::Audio;
        snapshot->plan.renditions.push_back(planned);

        store::RenditionSnapshot rendition;
        rendition.id = planned.id;
        rendition.kind = planned.kind;
        rendition.isShed = isVideo && shape.isShed;
        rendition.inits.push_back({"init-0123abcd.mp4", Buffer::copyOf(std::string("init of ") + id)});
        const std::int64_t firstListed = shape.newest.segment - shape.listedSegments + 1;
        for (std::int64_t k = firstListed - shape.removedSegments; k <= shape.newest.segment; ++k) {
            const std::int32_t parts = k == shape.newest.segment ? shape.newest.part + 1 : slotCount;
            (k < firstListed ? rendition.removed : rendition.segments).push_back(makeSegment(shape, id, k, parts));
        }
        rendition.playlist = textBody(std::string("full ") + id + ' ' + newest);
        if (shape.hasDelta && !shape.isEnded) rendition.delta = textBody(std::string("delta ") + id + ' ' + newest);
        snapshot->renditions.push_back(std::move(rendition));
    }
    snapshot->multivariant = textBody("master " + newest);
    snapshot->newest = shape.newest;
    snapshot->hinted = snapshot->plan.grid.next(shape.newest);
    snapshot->isEnded = shape.isEnded;
    snapshot->publishedAt = shape.publishedAt;
    return snapshot;
}

}  // namespace live::test
