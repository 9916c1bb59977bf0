#include "tests/support/test_main.h"

#include "tests/unit/package/broadcast.h"

using namespace live;
using namespace live::test;
using package::Packager;
using package::Publication;

class PackagerTest : public QObject {
    Q_OBJECT
private slots:
    void nothingIsPublishedBeforeTheLastRenditionHasTheSlot() {
        Broadcast broadcast;
        broadcast.segments(1);
        QVERIFY(broadcast.pushSlot(0, broadcast.at)->published.empty());
        QVERIFY(broadcast.pushSlot(2, broadcast.at)->published.empty());
        QVERIFY(broadcast.packager->snapshot()->newest < broadcast.at);
        const Publication publication = *broadcast.pushSlot(1, broadcast.at);
        QCOMPARE(publication.published.size(), std::size_t{1});
        QVERIFY(publication.published[0].slot.slot == broadcast.at);
        QVERIFY(publication.snapshot->newest == broadcast.at);
    }
    void thereIsNoSnapshotBeforeTheFirstSegmentIsClosed() {
        Broadcast broadcast;
        for (int p = 0; p < 5; ++p) {
            const Publication publication = broadcast.slot();
            QCOMPARE(publication.published.size(), std::size_t{1});
            QVERIFY(!publication.snapshot);
        }
        QVERIFY(broadcast.slot().snapshot);
    }
    void theWindowMovesAndRemovedSegmentsStayFetchableForAWhile() {
        Broadcast broadcast;
        broadcast.segments(100);
        const store::RenditionSnapshot& video = broadcast.rendition(0);
        QCOMPARE(video.segments.size(), std::size_t{15});
        QCOMPARE(video.segments.front()->number, broadcast.plan.firstSegment + 85);
        // As long as the segment and the longest playlist it was in: 2 + 32 s.
        QCOMPARE(video.removed.size(), std::size_t{18});
        QCOMPARE(video.removed.back()->number + 1, video.segments.front()->number);
    }
    void framesThatDoNotTileTheGridAreRefused() {
        Broadcast broadcast;
        auto frames = fakeSlot(broadcast.plan, 0, broadcast.at);
        QVERIFY(broadcast.packager->push(0, frames[0], broadcast.now));
        QVERIFY(broadcast.packager->push(0, frames[2], broadcast.now).error().code == ErrorCode::Protocol);
        frames[1].frameCount = 10;
        QVERIFY(broadcast.packager->push(0, frames[1], broadcast.now).error().code == ErrorCode::Protocol);
        frames[1].frameCount = 0;
        QVERIFY(broadcast.packager->push(0, frames[1], broadcast.now).error().code == ErrorCode::Protocol);
        frames[1].frameCount = 9;
        QVERIFY(broadcast.packager->push(0, frames[1], broadcast.now));
    }
};
LIVE_TEST(PackagerTest)
#include "packager_test.moc"
