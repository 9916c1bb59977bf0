// Hours in the life of a packager, in virtual time.
#pragma once

#include <malloc.h>

#include <QString>

#include "tests/unit/package/broadcast.h"

namespace live::test {

// What grew or drifted, empty if nothing did. Two renditions at 25 fps and D = 10 s: few frames, so that hours take
// seconds.
inline QString soak(int hours) {
    media::BroadcastPlan plan = examplePlan(178'281'360);
    plan.grid = media::Grid(Seconds(10), LatencyProfile::Low, {25, 1});
    plan.window = Seconds(80);
    plan.renditions.erase(plan.renditions.begin());
    Broadcast broadcast(plan);
    const int hour = 3600 / 10;
    broadcast.segments(hour / 2);
    const std::size_t bytesBefore = mallinfo2().uordblks;
    const std::size_t textBefore = broadcast.playlist(0).size();
    broadcast.segments(hours * hour - hour / 2);

    const std::size_t bytes = mallinfo2().uordblks;
    if (bytes > bytesBefore + 64 * 1024) return QStringLiteral("memory: %1 → %2 bytes").arg(bytesBefore).arg(bytes);
    if (broadcast.playlist(0).size() != textBefore) return QStringLiteral("the playlist has changed its size");
    const store::RenditionSnapshot& video = broadcast.rendition(0);
    if (video.segments.size() != 8 || video.removed.size() > 11 || video.inits.size() != 1)
        return QStringLiteral("%1 listed, %2 removed segments").arg(video.segments.size()).arg(video.removed.size());

    // The last frame lies where the grid ends, to the tick, and audio within one frame of it.
    const media::SlotId end{plan.firstSegment + hours * hour, 0};
    if (broadcast.packager->next() != end) return QStringLiteral("slots are missing");
    for (const std::size_t rendition : {0, 1}) {
        const Nanoseconds off = plan.grid.partStart(plan.track(rendition), end) - plan.grid.segmentStart(end.segment);
        if (off < Nanoseconds(0) || off >= Milliseconds(22))
            return QStringLiteral("rendition %1 has drifted").arg(rendition);
    }
    return {};
}

}  // namespace live::test
