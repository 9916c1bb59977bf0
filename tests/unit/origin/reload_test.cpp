#include "tests/support/test_main.h"

#include "server/origin/reload.h"
#include "tests/support/snapshots.h"

using namespace live;
using namespace live::origin;

namespace {
constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();

Reload evaluate(const test::SnapshotShape& shape, std::optional<std::int64_t> msn,
                std::optional<std::int64_t> part = {}) {
    return evaluateReload({msn, part, false}, *test::makeSnapshot(shape));
}
}  // namespace

class ReloadTest : public QObject {
    Q_OBJECT
private slots:
    // Six slots of 1/3 s: 30 fps, D = 2. PART-TARGET 0.34134, so nine parts ahead are allowed.
    void everyRowOfTheDirectiveTable() {
        struct Row {
            const char* name;
            media::SlotId newest;
            std::optional<std::int64_t> msn, part;
            Reload expected;
        };
        const Row rows[] = {
            {"no directive", {1000, 2}, {}, {}, Reload::Ready},
            {"an old segment", {1000, 2}, 999, {}, Reload::Ready},
            {"a segment that left the window", {1000, 2}, 1, {}, Reload::Ready},
            {"the open segment: a part of it is not enough", {1000, 2}, 1000, {}, Reload::Wait},
            {"the open segment, now closed", {1000, 5}, 1000, {}, Reload::Ready},
            {"the segment after the open one", {1000, 2}, 1001, {}, Reload::Wait},
            {"two past the last closed one", {1000, 2}, 1001, {}, Reload::Wait},
            {"three past the last closed one", {1000, 2}, 1002, {}, Reload::TooFar},
            {"two past, at a boundary", {1000, 5}, 1002, {}, Reload::Wait},
            {"three past, at a boundary", {1000, 5}, 1003, {}, Reload::TooFar},
            {"the largest number", {1000, 2}, kMax, {}, Reload::TooFar},
            {"the newest part", {1000, 2}, 1000, 2, Reload::Ready},
            {"an older part", {1000, 2}, 1000, 0, Reload::Ready},
            {"a part of an old segment", {1000, 2}, 998, 3, Reload::Ready},
            {"the next part", {1000, 2}, 1000, 3, Reload::Wait},
            {"the last part", {1000, 2}, 1000, 5, Reload::Wait},
            {"first part of the next segment, named in it", {1000, 5}, 1001, 0, Reload::Wait},
            {"first part of the next segment, named past the end", {1000, 5}, 1000, 6, Reload::Wait},
            {"any index past the end of a closed segment", {1000, 5}, 1000, kMax, Reload::Wait},
            {"past the end of the closed one, next has begun", {1001, 0}, 1000, 6, Reload::Ready},
            {"past the end of one closed long ago", {1001, 0}, 990, 400, Reload::Ready},
            {"past the end of the open segment, while open", {1000, 4}, 1000, 6, Reload::Wait},
            {"nine parts ahead in the open segment", {1000, 2}, 1000, 11, Reload::Wait},
            {"ten parts ahead", {1000, 2}, 1000, 12, Reload::TooFar},
            {"eight ahead of an empty open segment", {1000, 5}, 1001, 8, Reload::Wait},
            {"nine ahead of an empty open segment", {1000, 5}, 1001, 9, Reload::TooFar},
            {"two segments ahead, part in bounds", {1000, 2}, 1001, 8, Reload::Wait},
            {"two segments ahead, part out of bounds", {1000, 2}, 1001, 9, Reload::TooFar},
            {"three segments ahead", {1000, 2}, 1002, 0, Reload::TooFar},
            {"largest part of the open segment", {1000, 2}, 1000, kMax, Reload::TooFar},
        };
        for (const Row& row : rows)
            QVERIFY2(evaluate({.newest = row.newest}, row.msn, row.part) == row.expected, row.name);
    }
    void anEndedBroadcastSatisfiesEverything() {
        for (const std::int64_t msn : {std::int64_t(1), std::int64_t(1001), std::int64_t(5000), kMax}) {
            QVERIFY(evaluate({.isEnded = true}, msn) == Reload::Ready);
            QVERIFY(evaluate({.isEnded = true}, msn, 99) == Reload::Ready);
        }
    }
    // A property of the table: what is Ready stays Ready, and waiting ends with the slot that is asked for at the
    // latest.
    void waitingEndsWithTheSlotThatWasAskedFor() {
        for (const LatencyProfile profile : {LatencyProfile::Low, LatencyProfile::Ultra}) {
            const media::Grid grid(Seconds(2), profile, {30, 1});
            const std::int32_t slotCount = grid.slotsPerSegment();
            for (std::int64_t msn = 998; msn <= 1002; ++msn) {
                for (std::int64_t part = -1; part < 3 * slotCount; ++part) {
                    const HlsQuery query{msn, part < 0 ? std::nullopt : std::optional(part), false};
                    bool wasReady = false;
                    for (std::int64_t k = 998; k <= 1004; ++k) {
                        for (std::int32_t p = 0; p < slotCount; ++p) {
                            store::StreamSnapshot snapshot;
                            snapshot.plan.grid = grid;
                            snapshot.newest = {k, p};
                            const Reload reload = evaluateReload(query, snapshot);
                            QVERIFY(!wasReady || reload == Reload::Ready);
                            wasReady = reload == Reload::Ready;
                            const std::int64_t closed = p == slotCount - 1 ? k : k - 1;
                            const bool isListed = part < 0 ? closed >= msn : k > msn || (k == msn && p >= part);
                            const bool isRolledOver = part >= slotCount && k == msn + 1;
                            if (part < 0 || part < slotCount) QCOMPARE(wasReady, isListed);
                            if (isRolledOver) QVERIFY(wasReady);
                        }
                    }
                }
            }
        }
    }
    void holdsAreBounded() {
        QVERIFY(holdLimit(media::Grid(Seconds(2), LatencyProfile::Low, {30, 1})) == Seconds(6));
        QVERIFY(holdLimit(media::Grid(Seconds(10), LatencyProfile::Low, {30, 1})) == Seconds(10));
    }
    void aPlaylistIsStaleAfterOneAndAHalfSegmentsOrSixParts() {
        const auto isStaleAfter = [](Seconds duration, Milliseconds age, bool isEnded = false) {
            const test::SnapshotShape shape{.segmentDuration = duration, .newest = {1000, 0}, .isEnded = isEnded};
            return isStale(*test::makeSnapshot(shape), shape.publishedAt + age);
        };
        QVERIFY(!isStaleAfter(Seconds(2), Milliseconds(3000)) && isStaleAfter(Seconds(2), Milliseconds(3001)));
        QVERIFY(!isStaleAfter(Seconds(1), Milliseconds(2000)) && isStaleAfter(Seconds(1), Milliseconds(2001)));
        QVERIFY(!isStaleAfter(Seconds(2), Milliseconds(100'000), true));
    }
};
LIVE_TEST(ReloadTest)

#include "reload_test.moc"
