#include "tests/support/test_main.h"

#include "tests/unit/package/broadcast.h"
#include "tests/unit/package/playlist_text.h"

using namespace live;
using namespace live::test;

// v720 is 0, v360 is 1, a0 is 2.
class SheddingTest : public QObject {
    Q_OBJECT
private slots:
    void theOthersNoLongerWaitForAShedRendition() {
        Broadcast broadcast;
        broadcast.segments(2);
        broadcast.slot(0);
        QVERIFY(broadcast.packager->next() < broadcast.at);
        const auto shed = *broadcast.packager->shed(0, broadcast.now);
        QCOMPARE(shed.published.size(), std::size_t{1});
        QVERIFY(!shed.published[0].slot.parts[0] && shed.published[0].slot.parts[1] && shed.published[0].slot.parts[2]);
        QVERIFY(broadcast.packager->next() == broadcast.at);
    }
    void sheddingIsSeenAtOnceEvenBetweenSlots() {
        Broadcast broadcast;
        broadcast.segments(2);
        const auto shed = *broadcast.packager->shed(0, broadcast.now);
        QVERIFY(shed.published.empty() && shed.snapshot);
        QVERIFY(shed.snapshot->renditions[0].isShed);
        QVERIFY(shed.snapshot->renditions[0].playlist.plain.empty());
        QVERIFY(!broadcast.multivariant().contains("v720"));
        for (const std::size_t other : {1, 2}) QVERIFY(!broadcast.playlist(other).contains("../v720/"));
        QCOMPARE(parsePlaylist(broadcast.playlist(1)).reports.size(), std::size_t{1});
    }
    void audioAndTheLowestVideoRenditionAreNeverShed() {
        Broadcast broadcast;
        QVERIFY(broadcast.packager->shed(1, broadcast.now).error().code == ErrorCode::Conflict);
        QVERIFY(broadcast.packager->shed(2, broadcast.now).error().code == ErrorCode::Conflict);
        QVERIFY(broadcast.packager->shed(3, broadcast.now).error().code == ErrorCode::InvalidArgument);
    }
    void itsPartsGoOnToBeServed() {
        Broadcast broadcast;
        broadcast.segments(4);
        QVERIFY(broadcast.packager->shed(0, broadcast.now));
        broadcast.slot(0);
        QCOMPARE(broadcast.rendition(0).segments.size(), std::size_t{4});
    }
    void itsFramesAreDroppedWithoutComplaint() {
        Broadcast broadcast;
        broadcast.segments(2);
        QVERIFY(broadcast.packager->shed(0, broadcast.now));
        QVERIFY(broadcast.pushSlot(0, broadcast.at));
        QVERIFY(broadcast.pushSlot(0, {broadcast.at.segment + 9, 3}));
    }
    void itComesBackAtABoundaryWithFillerForWhatItMissed() {
        Broadcast broadcast;
        broadcast.announceFiller();
        broadcast.segments(2);
        broadcast.slot();
        broadcast.slot();
        QVERIFY(broadcast.packager->shed(0, broadcast.now));
        for (int i = 0; i < 6; ++i) broadcast.slot(0);
        const std::int64_t from = broadcast.packager->boundary().segment;
        QVERIFY(broadcast.packager->restoreShed(0, from));
        while (broadcast.at.segment < from) {
            broadcast.slot(0);
            QVERIFY(broadcast.packager->isShed(0));
        }
        const auto back = broadcast.slot();
        QVERIFY(!broadcast.packager->isShed(0));
        // Slots 2.2 to 3.5 late, only of this rendition, and then the one all have.
        QCOMPARE(back.published.size(), std::size_t{11});
        for (std::size_t i = 0; i < 10; ++i) {
            const auto& parts = back.published[i].slot.parts;
            QVERIFY(parts[0] && !parts[1] && !parts[2]);
        }
        QVERIFY(back.published[0].slot.slot == (media::SlotId{broadcast.plan.firstSegment + 2, 2}));
        QVERIFY(back.published[0].slot.parts[0]->part.isIndependent);

        const PlaylistText video = parsePlaylist(broadcast.playlist(0)), lowest = parsePlaylist(broadcast.playlist(1));
        QCOMPARE(video.sequence(), lowest.sequence());
        QCOMPARE(video.segments.size(), lowest.segments.size());
        for (std::size_t i = 0; i < video.segments.size(); ++i) {
            QCOMPARE(video.segments[i].duration.value_or(Seconds(0)), lowest.segments[i].duration.value_or(Seconds(0)));
            QVERIFY(!video.segments[i].isDiscontinuity);
        }
        QVERIFY(broadcast.multivariant().contains("v720"));
        QVERIFY(broadcast.playlist(1).contains("../v720/"));
    }
    void afterAWindowAwayItsListIsOneWindowOfFiller() {
        Broadcast broadcast;
        broadcast.announceFiller();
        broadcast.segments(2);
        broadcast.slot();
        QVERIFY(broadcast.packager->shed(0, broadcast.now));
        for (int i = 0; i < 20 * 6; ++i) broadcast.slot(0);
        QVERIFY(broadcast.rendition(0).segments.empty());
        const std::int64_t from = broadcast.packager->boundary().segment;
        QVERIFY(broadcast.packager->restoreShed(0, from));
        while (broadcast.at.segment < from) broadcast.slot(0);
        broadcast.slot();
        QCOMPARE(parsePlaylist(broadcast.playlist(0)).sequence(), parsePlaylist(broadcast.playlist(1)).sequence());
        QCOMPARE(broadcast.rendition(0).segments.size(), broadcast.rendition(1).segments.size());
    }
    void withoutFillerTheLastClosedSegmentIsShownAgain() {
        Broadcast broadcast;
        broadcast.segments(2);
        QVERIFY(broadcast.packager->shed(0, broadcast.now));
        for (int i = 0; i < 6; ++i) broadcast.slot(0);
        QVERIFY(broadcast.packager->restoreShed(0, broadcast.at.segment));
        broadcast.slot();
        QVERIFY(!broadcast.packager->isShed(0));
        QCOMPARE(broadcast.rendition(0).segments.size(), std::size_t{4});
    }
    void aSegmentThatHasBegunIsTooLateToComeBack() {
        Broadcast broadcast;
        broadcast.announceFiller();
        broadcast.segments(2);
        QVERIFY(broadcast.packager->restoreShed(0, broadcast.at.segment).error().code == ErrorCode::Conflict);
        QVERIFY(broadcast.packager->shed(0, broadcast.now));
        broadcast.slot(0);
        QVERIFY(broadcast.packager->restoreShed(0, broadcast.at.segment).error().code == ErrorCode::Conflict);
        QVERIFY(broadcast.packager->restoreShed(0, broadcast.at.segment + 1));
    }
    void itComesBackWhereTheWorkerReallyStarts() {
        Broadcast broadcast;
        broadcast.announceFiller();
        broadcast.segments(2);
        QVERIFY(broadcast.packager->shed(0, broadcast.now));
        const std::int64_t told = broadcast.at.segment, real = told + 1;
        QVERIFY(broadcast.packager->restoreShed(0, told));
        for (int i = 0; i < 7; ++i) broadcast.slot(0);  // the others are past `told`, and wait
        QVERIFY(broadcast.packager->next() == (media::SlotId{told, 0}));
        const auto first = fakeSlot(broadcast.plan, 0, {real, 0});
        QCOMPARE(broadcast.packager->push(0, first[0], broadcast.now)->published.size(), std::size_t{6});
        for (std::size_t i = 1; i < first.size(); ++i) broadcast.packager->push(0, first[i], broadcast.now).value();
        QVERIFY(broadcast.packager->next() == broadcast.at);
        QVERIFY(!broadcast.packager->isShed(0));
        QCOMPARE(broadcast.rendition(0).segments.size(), broadcast.rendition(1).segments.size());
    }
    void aWorkerThatDiesWhileItComesBackStartsItAtTheSameBoundary() {
        Broadcast broadcast;
        broadcast.announceFiller();
        broadcast.segments(2);
        QVERIFY(broadcast.packager->shed(0, broadcast.now));
        const std::int64_t from = broadcast.at.segment + 1;
        QVERIFY(broadcast.packager->restoreShed(0, from));
        const auto first = fakeSlot(broadcast.plan, 0, {from, 0});
        QVERIFY(broadcast.packager->push(0, first[0], broadcast.now));
        broadcast.packager->workerRestarted();
        QVERIFY(broadcast.packager->push(0, first[1], broadcast.now).error().code == ErrorCode::Protocol);
        while (broadcast.at.segment < from) broadcast.slot(0);
        broadcast.slot();
        QVERIFY(!broadcast.packager->isShed(0));
        QVERIFY(broadcast.packager->next() == broadcast.at);
    }
    void fillerPutsOffItsComingBack() {
        Broadcast broadcast;
        broadcast.announceFiller();
        broadcast.segments(2);
        QVERIFY(broadcast.packager->shed(0, broadcast.now));
        QVERIFY(broadcast.packager->restoreShed(0, broadcast.at.segment + 1));
        const media::SlotId live{broadcast.at.segment + 3, 2};
        QVERIFY(broadcast.packager->fillTo(live, broadcast.now));
        QVERIFY(broadcast.packager->next() == live);
        QVERIFY(broadcast.packager->isShed(0));
        QVERIFY(broadcast.packager->push(0, fakeSlot(broadcast.plan, 0, {live.segment + 1, 0})[0], broadcast.now));
    }
    void leftOutFramesKeepTheDurationOfTheirPart() {
        Broadcast broadcast, full;
        full.slot();
        for (const std::size_t rendition : {0, 1, 2}) {
            auto frames = fakeSlot(broadcast.plan, rendition, broadcast.at);
            if (rendition == 0) {  // of ten, frames 0, 2, 4, 6 and 8 are kept
                for (std::size_t i = frames.size(); i-- > 0;)
                    if (i % 2 == 1) frames.erase(frames.begin() + static_cast<std::ptrdiff_t>(i));
                for (auto& frame : frames) frame.frameCount = 2;
            }
            for (const auto& frame : frames) {
                const auto pushed = broadcast.packager->push(rendition, frame, broadcast.now);
                QVERIFY(pushed);
                if (pushed->published.empty()) continue;
                const store::Part& part = pushed->published[0].slot.parts[0]->part;
                QVERIFY(part.duration == Nanoseconds(333'333'333));
                const auto content = package::cmaf::readFragment(part.bytes);
                QCOMPARE(content->samples.size(), std::size_t{5});
                QCOMPARE(content->samples[0].duration, 2000u);
            }
        }
        QVERIFY(broadcast.packager->next() == full.packager->next());
    }
};
LIVE_TEST(SheddingTest)
#include "shedding_test.moc"
