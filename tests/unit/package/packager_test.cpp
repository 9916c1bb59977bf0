#include "tests/support/test_main.h"

#include "tests/unit/package/broadcast.h"
#include "tests/unit/package/playlist_text.h"

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
    void framesThatWouldMakeACorruptPartAreRefusedAndChangeNothing() {
        Broadcast broadcast;
        broadcast.segments(1);
        const auto first = fakeSlot(broadcast.plan, 0, broadcast.at)[0];
        const auto isRefused = [&](auto&& spoil) {
            package::EncodedFrame frame = first;
            spoil(frame);
            const auto result = broadcast.packager->push(0, frame, broadcast.now);
            return !result && result.error().code == ErrorCode::Protocol;
        };
        QVERIFY(isRefused([](auto& frame) { frame.data = Buffer(); }));
        QVERIFY(isRefused([](auto& frame) { frame.isKey = false; }));
        QVERIFY(isRefused([](auto& frame) { frame.data = fakeVideo(FakePicture::Other, 0); }));
        QVERIFY(isRefused([](auto& frame) { frame.isKey = false, frame.data = fakeVideo(FakePicture::Other, 0); }));
        QVERIFY(isRefused([](auto& frame) { frame.data = frame.data.slice(0, frame.data.size() - 1); }));
        broadcast.slot();
        QVERIFY(broadcast.packager->next() == broadcast.at);
    }
    void aKeyFrameInsideAPartIsRefused() {
        Broadcast broadcast;
        auto frames = fakeSlot(broadcast.plan, 0, broadcast.at);
        QVERIFY(broadcast.packager->push(0, frames[0], broadcast.now));
        frames[1].isKey = true;
        frames[1].data = frames[0].data;
        QVERIFY(broadcast.packager->push(0, frames[1], broadcast.now).error().code == ErrorCode::Protocol);
    }
    void audioFramesAreNeverLeftOut() {
        Broadcast broadcast;
        auto frames = fakeSlot(broadcast.plan, 2, broadcast.at);
        frames[0].frameCount = 2;
        QVERIFY(broadcast.packager->push(2, frames[0], broadcast.now).error().code == ErrorCode::Protocol);
    }
    void framesBeforeTheirConfigurationAreRefused() {
        const auto packager = *Packager::create(examplePlan());
        const auto frame = fakeSlot(packager->plan(), 0, packager->next())[0];
        QVERIFY(packager->push(0, frame, {}).error().code == ErrorCode::Protocol);
        QVERIFY(packager->setFiller(0, fakeFiller(packager->plan(), 0)).error().code == ErrorCode::Protocol);
        QVERIFY(packager->push(3, frame, {}).error().code == ErrorCode::InvalidArgument);
        QVERIFY(packager->track(3, {}).error().code == ErrorCode::InvalidArgument);
        QVERIFY(packager->fillTo(packager->boundary(), {}).error().code == ErrorCode::Conflict);
    }
    void aPlanThatCannotBePackagedIsRefused() {
        media::BroadcastPlan plan = examplePlan();
        plan.window = Seconds(5);
        QVERIFY(Packager::create(plan).error().code == ErrorCode::InvalidArgument);
        plan = examplePlan();
        plan.renditions.pop_back();
        QVERIFY(Packager::create(plan).error().code == ErrorCode::InvalidArgument);
        plan = examplePlan();
        std::swap(plan.renditions.front(), plan.renditions.back());
        QVERIFY(Packager::create(plan).error().code == ErrorCode::InvalidArgument);
        plan = examplePlan();
        plan.renditions.erase(plan.renditions.begin(), plan.renditions.begin() + 2);
        QVERIFY(Packager::create(plan).error().code == ErrorCode::InvalidArgument);
    }
    void theEndComesOnceAndOnlyBetweenSegments() {
        Broadcast broadcast;
        QVERIFY(broadcast.packager->end(broadcast.now).error().code == ErrorCode::Conflict);
        broadcast.segments(2);
        broadcast.slot();
        QVERIFY(broadcast.packager->end(broadcast.now).error().code == ErrorCode::Conflict);
        QVERIFY(broadcast.packager->fillTo(broadcast.packager->boundary(), broadcast.now));
        const auto end = broadcast.packager->end(broadcast.now);
        QVERIFY(end && end->snapshot->isEnded);
        QVERIFY(end->snapshot->hinted == (media::SlotId{broadcast.plan.firstSegment + 3, 0}));
        for (const std::size_t rendition : {0, 1, 2}) {
            const PlaylistText playlist = parsePlaylist(broadcast.playlist(rendition));
            QVERIFY(playlist.hasEndList && playlist.hint.empty());
            QCOMPARE(playlist.segments.back().parts.size(), std::size_t{6});
            QVERIFY(broadcast.delta(rendition).empty());
        }
        QVERIFY(broadcast.packager->end(broadcast.now).error().code == ErrorCode::Conflict);
        QVERIFY(broadcast.pushSlot(0, broadcast.packager->next()).error().code == ErrorCode::Conflict);
        QVERIFY(broadcast.packager->shed(0, broadcast.now).error().code == ErrorCode::Conflict);
    }
    void aPublicationHasWhatTheMirrorNeeds() {
        Broadcast broadcast;
        broadcast.segments(1);
        const Publication publication = broadcast.slot();
        for (const std::size_t rendition : {0, 1, 2}) {
            const auto& part = publication.published[0].slot.parts[rendition];
            QCOMPARE(part->initName, broadcast.rendition(rendition).inits[0].name);
            QVERIFY(!part->isDiscontinuity);
            QCOMPARE(part->part.bytes.data(), broadcast.rendition(rendition).segments[1]->parts[0].bytes.data());
        }
    }
    void anOlderSnapshotNeverChanges() {
        Broadcast broadcast;
        broadcast.segments(2);
        broadcast.slot();
        const auto before = broadcast.packager->snapshot();
        const std::string text = broadcast.playlist(0);
        broadcast.segments(1);
        QCOMPARE(before->renditions[0].segments.back()->parts.size(), std::size_t{1});
        QCOMPARE(std::string(asText(before->renditions[0].playlist.plain.view())), text);
    }
    void theAverageBandwidthIsTheTargetForAMinuteAndThenMeasured() {
        Broadcast broadcast;
        broadcast.segments(29);
        QVERIFY(broadcast.multivariant().contains(",AVERAGE-BANDWIDTH=3128000,"));
        broadcast.segments(1);
        const BitsPerSecond video = broadcast.packager->measuredBitrate(0),
                            audio = broadcast.packager->measuredBitrate(2);
        QVERIFY(video > 0 && video < 20'000);
        QVERIFY(broadcast.multivariant().contains(",AVERAGE-BANDWIDTH=" + std::to_string(video + audio) + ","));
        std::size_t bytes = 0;
        for (const auto& segment : broadcast.rendition(0).segments) bytes += segment->byteSize();
        QCOMPARE(video, static_cast<BitsPerSecond>(bytes * 8 / 30));
    }
};
LIVE_TEST(PackagerTest)
#include "packager_test.moc"
