#include "tests/support/test_main.h"

#include "tests/support/golden.h"
#include "tests/unit/package/broadcast.h"

using namespace live;
using namespace live::test;

#define COMPARE_GOLDEN(name, actual)                                \
    do {                                                            \
        const QString difference = compareWithGolden(name, actual); \
        QVERIFY2(difference.isEmpty(), qPrintable(difference));     \
    } while (false)

class GoldenPlaylistTest : public QObject {
    Q_OBJECT
private slots:
    void theFirstPlaylistHasOneClosedSegment() {
        Broadcast broadcast;
        broadcast.segments(1);
        COMPARE_GOLDEN("first.m3u8", broadcast.playlist(0));
    }
    void theLivePlaylistOfVideo() {
        Broadcast broadcast;
        broadcast.segments(20);
        broadcast.slot();
        broadcast.slot();
        COMPARE_GOLDEN("video.m3u8", broadcast.playlist(0));
        COMPARE_GOLDEN("video-delta.m3u8", broadcast.delta(0));
    }
    void theLivePlaylistOfAudio() {
        Broadcast broadcast;
        broadcast.segments(20);
        broadcast.slot();
        COMPARE_GOLDEN("audio.m3u8", broadcast.playlist(2));
    }
    void theFinalPlaylistKeepsItsPartsAndHasNoHint() {
        Broadcast broadcast;
        broadcast.segments(4);
        QVERIFY(broadcast.packager->end(broadcast.now));
        COMPARE_GOLDEN("ended.m3u8", broadcast.playlist(0));
    }
    void theMultivariant() {
        Broadcast broadcast;
        broadcast.segments(2);
        COMPARE_GOLDEN("multivariant.m3u8", broadcast.multivariant());
    }
    void theMultivariantWithCaptionsAt2997() {
        media::BroadcastPlan plan = examplePlan();
        plan.grid = media::Grid(Seconds(2), LatencyProfile::Ultra, {30000, 1001});
        plan.captions = true;
        Broadcast broadcast(plan);
        broadcast.segments(2);
        COMPARE_GOLDEN("multivariant-captions.m3u8", broadcast.multivariant());
    }
};
LIVE_TEST(GoldenPlaylistTest)
#include "playlist_test.moc"
