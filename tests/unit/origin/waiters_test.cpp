#include "tests/support/test_main.h"

#include "server/origin/io/waiters.h"
#include "tests/support/snapshots.h"

using namespace live;
using namespace live::origin;
using io::Waiters;

namespace {
struct Viewer final : Waiters::Waiter {
    void released(const ResponsePtr& answer) override {
        ++times;
        response = answer;
    }
    int times = 0;
    ResponsePtr response;
};

MediaRequest requestOf(const std::string& rendition, const std::string& query) {
    MediaRequest request;
    request.path = *MediaPath::parse("/live/demo/00000000000000000000000001/" + rendition + "/index.m3u8");
    request.query = *HlsQuery::parse(query);
    return request;
}

const StreamId kStream = *StreamId::parse("demo");
const BootTime kNow{Seconds(1000)};

void publish(Waiters& waiters, test::SnapshotShape shape) {
    const store::StreamEntry entry{false, test::makeSnapshot(shape), nullptr};
    waiters.wake(kStream, &entry, kNow);
}
}  // namespace

class WaitersTest : public QObject {
    Q_OBJECT
private slots:
    void equalRequestsShareOneResponse() {
        Waiters waiters;
        std::vector<Viewer> viewers(100);
        for (Viewer& viewer : viewers) waiters.add(requestOf("v720", "_HLS_msn=1000&_HLS_part=3"), viewer);
        publish(waiters, {.newest = {1000, 2}});
        QCOMPARE(viewers[0].times, 0);
        publish(waiters, {.newest = {1000, 3}});
        for (const Viewer& viewer : viewers) {
            QCOMPARE(viewer.times, 1);
            QVERIFY(viewer.response == viewers[0].response);
        }
        publish(waiters, {.newest = {1000, 4}});
        QCOMPARE(viewers[0].times, 1);
    }
    void requestsThatDifferAreReleasedApart() {
        Waiters waiters;
        Viewer next, later, segment, audio, gzip;
        waiters.add(requestOf("v720", "_HLS_msn=1000&_HLS_part=3"), next);
        waiters.add(requestOf("v720", "_HLS_msn=1000&_HLS_part=4"), later);
        waiters.add(requestOf("v720", "_HLS_msn=1000"), segment);
        waiters.add(requestOf("a0", "_HLS_msn=1000&_HLS_part=3"), audio);
        MediaRequest compressed = requestOf("v720", "_HLS_msn=1000&_HLS_part=3");
        compressed.acceptsGzip = true;
        waiters.add(compressed, gzip);
        publish(waiters, {.newest = {1000, 3}});
        QVERIFY(next.times == 1 && audio.times == 1 && gzip.times == 1 && later.times == 0 && segment.times == 0);
        QVERIFY(next.response != audio.response && next.response != gzip.response);
        publish(waiters, {.newest = {1000, 4}});
        QVERIFY(later.times == 1 && segment.times == 0);
        publish(waiters, {.newest = {1000, 5}});
        QCOMPARE(segment.times, 1);
    }
    void theEndWakesEveryone() {
        Waiters waiters;
        Viewer part, segment;
        waiters.add(requestOf("v720", "_HLS_msn=1001&_HLS_part=3"), part);
        waiters.add(requestOf("v720", "_HLS_msn=1001"), segment);
        publish(waiters, {.newest = {1000, 5}, .isEnded = true});
        QVERIFY(part.times == 1 && segment.times == 1);
    }
    void aStreamThatGoesAwayRefusesEveryone() {
        Waiters waiters;
        Viewer viewer;
        waiters.add(requestOf("v720", "_HLS_msn=1000&_HLS_part=3"), viewer);
        waiters.wake(*StreamId::parse("other"), nullptr, kNow);
        QCOMPARE(viewer.times, 0);
        waiters.wake(kStream, nullptr, kNow);
        QCOMPARE(viewer.response->status, 404);
    }
    void whoeverLeavesIsNotCalled() {
        Waiters waiters;
        Viewer stays, leaves;
        waiters.add(requestOf("v720", "_HLS_msn=1000&_HLS_part=3"), leaves);
        waiters.add(requestOf("v720", "_HLS_msn=1000&_HLS_part=3"), stays);
        waiters.leave(leaves);
        waiters.leave(leaves);
        publish(waiters, {.newest = {1000, 3}});
        QVERIFY(leaves.times == 0 && stays.times == 1);
        waiters.leave(stays);
        waiters.add(requestOf("v720", "_HLS_msn=1000&_HLS_part=4"), stays);
        waiters.leave(stays);
        waiters.releaseAll(makeError(503, "shutting down"));
        QCOMPARE(stays.times, 1);
    }
};
LIVE_TEST(WaitersTest)

#include "waiters_test.moc"
