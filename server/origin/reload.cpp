#include "server/origin/reload.h"

#include <algorithm>

namespace live::origin {

namespace {
constexpr std::int64_t kUnitsPerSecond = 100'000;  // of Grid::partTarget10us()

// How many parts past the newest one a request may name.
std::int64_t partsAhead(const media::Grid& grid) {
    const std::int64_t target = grid.partTarget10us();
    return target < kUnitsPerSecond ? (3 * kUnitsPerSecond + target - 1) / target : 3;
}
}  // namespace

std::int64_t lastClosedSegment(const store::StreamSnapshot& snapshot) {
    const bool isClosed = snapshot.newest.part == snapshot.plan.grid.slotsPerSegment() - 1;
    return isClosed ? snapshot.newest.segment : snapshot.newest.segment - 1;
}

Reload evaluateReload(const HlsQuery& query, const store::StreamSnapshot& snapshot) {
    if (snapshot.isEnded || !query.msn) return Reload::Ready;
    const std::int64_t lastClosed = lastClosedSegment(snapshot);
    std::int64_t msn = *query.msn;
    if (msn > lastClosed + 2) return Reload::TooFar;
    if (!query.part) return msn <= lastClosed ? Reload::Ready : Reload::Wait;

    std::int64_t part = *query.part;
    if (msn <= lastClosed && part >= snapshot.plan.grid.slotsPerSegment()) {
        ++msn;
        part = 0;
    }
    const media::SlotId newest = snapshot.newest;
    if (newest.segment > msn || (newest.segment == msn && newest.part >= part)) return Reload::Ready;
    const std::int64_t newestPart = newest.segment == msn ? newest.part : -1;
    const std::int64_t ahead = partsAhead(snapshot.plan.grid);
    if (msn == lastClosed + 1 && part > newestPart + ahead) return Reload::TooFar;
    if (msn == lastClosed + 2 && part >= ahead) return Reload::TooFar;
    return Reload::Wait;
}

bool isExactAnswer(const HlsQuery& query, const store::StreamSnapshot& snapshot) {
    if (!query.msn) return false;
    const std::int64_t slots = snapshot.plan.grid.slotsPerSegment();
    const std::int64_t part = query.part ? static_cast<std::int64_t>(*query.part) : slots - 1;
    const bool isPastEnd = part >= slots;
    const media::SlotId newest = snapshot.newest;
    return isPastEnd ? newest == media::SlotId{*query.msn + 1, 0} : newest.segment == *query.msn && newest.part == part;
}

Nanoseconds holdLimit(const media::Grid& grid) {
    return std::min<Nanoseconds>(3 * Nanoseconds(grid.segmentDuration()), Seconds(10));
}

bool isStale(const store::StreamSnapshot& snapshot, BootTime now) {
    const media::Grid& grid = snapshot.plan.grid;
    const Nanoseconds segment = grid.segmentDuration();
    return !snapshot.isEnded &&
           now - snapshot.publishedAt > std::max(segment * 3 / 2, segment * 6 / grid.slotsPerSegment());
}

}  // namespace live::origin
