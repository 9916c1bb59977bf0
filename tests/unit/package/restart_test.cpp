// Workers that die and servers that start again.
#include "tests/support/test_main.h"

#include "tests/unit/package/broadcast.h"
#include "tests/unit/package/playlist_text.h"

using namespace live;
using namespace live::test;
using package::Packager;

namespace {

// What the mirror has after the broadcast's process was killed.
package::Restored mirrored(const Broadcast& broadcast) {
    package::Restored restored;
    for (std::size_t i = 0; i < broadcast.plan.renditions.size(); ++i) {
        const store::RenditionSnapshot& rendition = broadcast.rendition(i);
        package::RestoredRendition copy{rendition.inits, {}, rendition.removed};
        copy.segments.insert(copy.segments.end(), rendition.segments.begin(), rendition.segments.end());
        if (!broadcast.fillers.empty()) copy.filler = broadcast.fillers[i];
        restored.renditions.push_back(std::move(copy));
    }
    restored.discontinuities = broadcast.packager->discontinuities();
    return restored;
}

Broadcast restarted(const Broadcast& before) {
    auto packager = Packager::restore(before.plan, mirrored(before), BootTime(Seconds(5)));
    LIVE_ASSERT(packager);
    Broadcast after(before.plan, std::move(*packager));
    after.now = BootTime(Seconds(5));
    return after;
}

}  // namespace

class WorkerRestartTest : public QObject {
    Q_OBJECT
private slots:
    void whatNoViewerHasSeenIsMadeAnewByTheNextWorker() {
        Broadcast broadcast;
        broadcast.segments(1);
        broadcast.pushSlot(0, broadcast.at).value();  // complete, but not in all renditions
        broadcast.packager->push(1, fakeSlot(broadcast.plan, 1, broadcast.at)[0], broadcast.now).value();
        broadcast.packager->workerRestarted();
        QVERIFY(broadcast.packager->next() == broadcast.at);
        QCOMPARE(broadcast.slot().published.size(), std::size_t{1});
    }
    void theNextWorkerBeginsWithAKeyFrame() {
        Broadcast broadcast;
        broadcast.segments(1);
        broadcast.slot();
        broadcast.packager->workerRestarted();
        auto frames = fakeSlot(broadcast.plan, 0, broadcast.at);
        QVERIFY(broadcast.packager->push(0, frames[0], broadcast.now).error().code == ErrorCode::Protocol);
        frames[0].isKey = true;
        frames[0].data = fakeVideo(FakePicture::Idr, frames[0].frame);
        QVERIFY(broadcast.packager->push(0, frames[0], broadcast.now));
    }
    void slotsThatARepeatingWorkerMakesAgainAreDropped() {
        Broadcast broadcast;
        broadcast.segments(2);
        QVERIFY(broadcast.pushSlot(0, {broadcast.plan.firstSegment + 1, 5})->published.empty());
        QCOMPARE(broadcast.packager->droppedFrames(0), std::uint64_t{10});
        broadcast.slot();
        QCOMPARE(broadcast.packager->snapshot()->newest.part, 0);
    }
    void aRenditionThatRunsAwayIsStoppedAtTheBound() {
        Broadcast broadcast;
        media::SlotId slot = broadcast.at;
        Result<package::Publication> pushed = package::Publication{};
        int count = 0;
        for (; count < 1000; ++count, slot = broadcast.plan.grid.next(slot))
            if (pushed = broadcast.pushSlot(0, slot); !pushed) break;
        QVERIFY(pushed.error().code == ErrorCode::Overloaded);
        QCOMPARE(count, 90);
    }
};
LIVE_TEST(WorkerRestartTest)

class ServerRestartTest : public QObject {
    Q_OBJECT
private slots:
    void theRestartedServerListsTheSameSegmentsWithTheSameBytes() {
        Broadcast before;
        before.segments(20);
        before.slot();
        before.slot();
        const Broadcast after = restarted(before);
        for (const std::size_t rendition : {0, 1, 2}) {
            QCOMPARE(after.playlist(rendition), before.playlist(rendition));
            QCOMPARE(after.delta(rendition), before.delta(rendition));
            const auto &left = before.rendition(rendition), &right = after.rendition(rendition);
            QCOMPARE(right.segments.size(), left.segments.size());
            QCOMPARE(right.removed.size(), left.removed.size());
            for (std::size_t i = 0; i < left.segments.size(); ++i)
                for (std::size_t p = 0; p < left.segments[i]->parts.size(); ++p)
                    QVERIFY(std::ranges::equal(left.segments[i]->parts[p].bytes.view(),
                                               right.segments[i]->parts[p].bytes.view()));
        }
        QCOMPARE(after.multivariant(), before.multivariant());
    }
    void whatWasMissedIsFillerAndLiveGoesOnAtTheBoundary() {
        Broadcast before;
        before.announceFiller();
        before.segments(4);
        before.slot();
        before.slot();
        Broadcast after = restarted(before);
        after.announce();
        const media::SlotId live{before.at.segment + 3, 0};
        const auto filled = *after.packager->fillTo(live, after.now);
        QCOMPARE(filled.published.size(), std::size_t{4 + 12});
        QVERIFY(filled.published[0].slot.parts[0]->part.isIndependent);  // the filler starts inside of a segment
        QVERIFY(filled.published[0].encodedAt == BootTime());
        after.at = live;
        after.slot();

        const PlaylistText old = parsePlaylist(before.playlist(0)), now = parsePlaylist(after.playlist(0));
        QCOMPARE(now.sequence(), old.sequence());
        for (std::size_t i = 0; i + 1 < old.segments.size(); ++i) {
            QCOMPARE(now.segments[i].uri, old.segments[i].uri);
            QVERIFY(!now.segments[i].isDiscontinuity);
        }
        QCOMPARE(now.segments.back().parts.front().uri, std::to_string(live.segment) + ".0.m4s");
        checkTimes(after);
    }
    void fillerOfAnotherConfigurationIsNoFiller() {
        Broadcast before;
        before.announceFiller();
        before.segments(2);
        package::Restored restored = mirrored(before);
        restored.renditions[0].filler.initName = "init-00000000.mp4";
        const auto packager = Packager::restore(before.plan, restored, before.now);
        QVERIFY(!(*packager)->hasFiller(0) && (*packager)->hasFiller(1) && (*packager)->hasFiller(2));
    }
    void anAbsenceLongerThanTheWindowLeavesOneWindowOfFiller() {
        Broadcast before;
        before.announceFiller();
        before.segments(20);
        before.slot();
        Broadcast after = restarted(before);
        const media::SlotId live{before.at.segment + 200, 0};
        QVERIFY(after.packager->fillTo(live, after.now));
        const PlaylistText playlist = parsePlaylist(after.playlist(2));
        QCOMPARE(playlist.segments.size(), std::size_t{15});
        QCOMPARE(playlist.sequence(), live.segment - 15);
        QCOMPARE(after.rendition(0).removed.size(), before.rendition(0).removed.size() + 16);
        checkTimes(after);
    }
    void withoutFillerOrWorkerTheBroadcastCanStillEnd() {
        Broadcast before;
        before.segments(4);
        before.slot();
        Broadcast after = restarted(before);
        QVERIFY(after.packager->end(after.now).error().code == ErrorCode::Conflict);
        QVERIFY(after.packager->fillTo(after.packager->boundary(), after.now));
        QVERIFY(after.packager->end(after.now));
        QVERIFY(parsePlaylist(after.playlist(0)).hasEndList);
        QVERIFY(after.packager->snapshot()->isEnded);
        checkTimes(after);
    }
    void aRenditionThatLacksTheNewestSlotComesBackShed() {
        Broadcast before;
        before.segments(3);
        before.packager->shed(0, before.now).value();
        before.slot(0);
        const Broadcast after = restarted(before);
        QVERIFY(after.packager->isShed(0) && !after.packager->isShed(1));
        QVERIFY(after.packager->next() == before.packager->next());
    }
    void whatTheMirrorMissedIsFillerAndTheRestStays() {
        Broadcast before;
        before.announceFiller();
        before.segments(20);
        package::Restored restored = mirrored(before);
        for (package::RestoredRendition& rendition : restored.renditions) cut(rendition.segments);
        auto packager = Packager::restore(before.plan, std::move(restored), before.now);
        QVERIFY(packager);
        const Broadcast after(before.plan, std::move(*packager));
        checkTimes(after);
        for (const std::size_t rendition : {0, 1, 2}) {
            const auto &left = before.rendition(rendition), &right = after.rendition(rendition);
            QCOMPARE(right.segments.size(), left.segments.size());
            QCOMPARE(right.removed.size(), left.removed.size());
            for (std::size_t i = 0; i < left.segments.size(); ++i) {
                QCOMPARE(right.segments[i]->number, left.segments[i]->number);
                QCOMPARE(right.segments[i]->start, left.segments[i]->start);
                QCOMPARE(right.segments[i]->parts.size(), left.segments[i]->parts.size());
                const bool isFiller = i >= 6 && i <= 8;
                for (std::size_t p = 0; p < left.segments[i]->parts.size(); ++p)
                    QCOMPARE(std::ranges::equal(left.segments[i]->parts[p].bytes.view(),
                                                right.segments[i]->parts[p].bytes.view()),
                             !isFiller || (i == 6 && p < 2));
            }
        }
    }
    void aListThatStartedAnewKeepsWhatCameBeforeItFetchable() {
        Broadcast before;
        before.announceFiller();
        before.segments(5);
        const media::SlotId live{before.at.segment + 200, 0};
        QVERIFY(before.packager->fillTo(live, before.now));
        const Broadcast after = restarted(before);
        QCOMPARE(after.playlist(0), before.playlist(0));
        QCOMPARE(after.rendition(0).removed.size(), std::size_t{5});
    }
    void whereFillerDoesNotFitTheListBeginsAfterTheHole() {
        Broadcast before;
        before.segments(3);
        before.announceFiller();
        before.announce(1);  // of another configuration from here on
        before.fillers.clear();
        before.segments(4);
        package::Restored restored = mirrored(before);
        restored.renditions[1].segments.erase(restored.renditions[1].segments.begin() + 1);
        auto packager = Packager::restore(before.plan, std::move(restored), before.now);
        QVERIFY(packager);
        for (const auto& rendition : (*packager)->snapshot()->renditions)
            QCOMPARE(rendition.segments.front()->number, before.plan.firstSegment + 2);
    }
    void bytesThatAreNotOursAreRefused() {
        Broadcast before;
        before.segments(2);
        package::Restored restored = mirrored(before);
        store::Segment broken = *restored.renditions[0].segments[1];
        broken.parts[3].bytes = broken.parts[2].bytes.slice(0, broken.parts[2].bytes.size() - 1);
        restored.renditions[0].segments[1] = std::make_shared<store::Segment>(broken);
        QVERIFY(Packager::restore(before.plan, restored, before.now).error().code == ErrorCode::Protocol);

        restored = mirrored(before);
        restored.renditions[2].inits.clear();
        QVERIFY(Packager::restore(before.plan, restored, before.now).error().code == ErrorCode::Protocol);
        restored = mirrored(before);
        restored.renditions[2].segments.clear();
        QVERIFY(Packager::restore(before.plan, restored, before.now).error().code == ErrorCode::Protocol);
        restored = mirrored(before);
        restored.renditions[1].segments.pop_back();
        QVERIFY(Packager::restore(before.plan, restored, before.now).error().code == ErrorCode::Protocol);
        restored = mirrored(before);
        restored.renditions.pop_back();
        QVERIFY(Packager::restore(before.plan, restored, before.now).error().code == ErrorCode::InvalidArgument);
    }
    void fillerThatIsTooShortIsRefused() {
        Broadcast broadcast;
        auto frames = fakeFiller(broadcast.plan, 0);
        frames.pop_back();
        QVERIFY(broadcast.packager->setFiller(0, frames).error().code == ErrorCode::InvalidArgument);
        QVERIFY(broadcast.packager->setFiller(2, {}).error().code == ErrorCode::InvalidArgument);
        frames = fakeFiller(broadcast.plan, 0);
        frames[7].data = frames[0].data;
        QVERIFY(broadcast.packager->setFiller(0, frames).error().code == ErrorCode::InvalidArgument);
    }
    void fillerFitsTheGridOfOddRates() {
        media::BroadcastPlan plan = examplePlan();
        plan.grid = media::Grid(Seconds(2), LatencyProfile::Ultra, {30000, 1001});
        Broadcast broadcast(plan);
        broadcast.announceFiller();
        broadcast.segments(1);
        QVERIFY(broadcast.packager->fillTo({broadcast.at.segment + 10, 3}, broadcast.now));
        checkTimes(broadcast);
    }

private:
    // Two segments are missing, and most of the one before them.
    static void cut(package::Segments& segments) {
        const std::size_t first = segments.size() - 9;
        store::Segment part = *segments[first];
        part.parts.resize(2);
        segments[first] = std::make_shared<const store::Segment>(std::move(part));
        segments.erase(segments.begin() + static_cast<std::ptrdiff_t>(first) + 1,
                       segments.begin() + static_cast<std::ptrdiff_t>(first) + 3);
    }
    // Every sample of every listed segment follows the one before, and each part lies where the grid says.
    static void checkTimes(const Broadcast& broadcast) {
        for (std::size_t i = 0; i < broadcast.plan.renditions.size(); ++i) {
            const media::TrackGrid track = broadcast.plan.track(i);
            for (const auto& segment : broadcast.rendition(i).segments)
                for (std::size_t p = 0; p < segment->parts.size(); ++p) {
                    const media::SlotId slot{segment->number, static_cast<std::int32_t>(p)};
                    std::int64_t ticks = 0;
                    const auto content = package::cmaf::readFragment(segment->parts[p].bytes);
                    QVERIFY(content);
                    for (const auto& sample : content->samples) ticks += sample.duration;
                    const std::int64_t first = broadcast.plan.grid.firstFrame(track, slot);
                    const std::int64_t next = broadcast.plan.grid.firstFrame(track, broadcast.plan.grid.next(slot));
                    QCOMPARE(ticks, track.ticks(next - first));
                    QVERIFY(p > 0 || segment->parts[p].isIndependent);
                }
        }
    }
};
LIVE_TEST(ServerRestartTest)
#include "restart_test.moc"
