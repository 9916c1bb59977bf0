// A new worker whose encoder is configured differently.
#include "tests/support/test_main.h"

#include "tests/unit/package/broadcast.h"
#include "tests/unit/package/playlist_text.h"

using namespace live;
using namespace live::test;

class DiscontinuityTest : public QObject {
    Q_OBJECT
private slots:
    void theSameConfigurationAgainChangesNothing() {
        Broadcast broadcast;
        broadcast.segments(2);
        broadcast.slot();
        broadcast.packager->workerRestarted();
        broadcast.announce();
        QVERIFY(broadcast.packager->next() == broadcast.at);
        QCOMPARE(broadcast.packager->discontinuities(), 0u);
    }
    void anotherOneTakesEffectAtTheNextBoundaryInAllRenditions() {
        Broadcast broadcast;
        broadcast.announceFiller();
        broadcast.segments(2);
        broadcast.slot();
        change(broadcast);
        const std::int64_t seam = broadcast.plan.firstSegment + 3;
        while (broadcast.at.segment < seam) {
            pushChanged(broadcast);
            QCOMPARE(broadcast.packager->discontinuities(), 0u);
        }
        pushChanged(broadcast);
        QCOMPARE(broadcast.packager->discontinuities(), 1u);
        for (const std::size_t rendition : {0, 1, 2}) {
            const PlaylistText playlist = parsePlaylist(broadcast.playlist(rendition));
            for (std::size_t i = 0; i < playlist.segments.size(); ++i)
                QCOMPARE(playlist.segments[i].isDiscontinuity,
                         playlist.sequence() + static_cast<std::int64_t>(i) == seam);
            // Audio has the same configuration and so the same MAP.
            QCOMPARE(playlist.segments[3].map.empty(), rendition == 2);
            QVERIFY(playlist.segments[3].map != playlist.segments[0].map);
            QCOMPARE(broadcast.rendition(rendition).inits.size(), std::size_t{rendition == 2 ? 1u : 2u});
        }
    }
    void theSequenceCountsDiscontinuitiesThatHaveLeftTheList() {
        media::BroadcastPlan plan = examplePlan();
        plan.discontinuitySequence = 7;
        Broadcast broadcast(plan);
        broadcast.announceFiller();
        broadcast.segments(2);
        change(broadcast);
        for (int i = 0; i < 15 * 6; ++i) pushChanged(broadcast);
        QCOMPARE(header(broadcast, "#EXT-X-DISCONTINUITY-SEQUENCE"), std::string("7"));
        QVERIFY(parsePlaylist(broadcast.playlist(0)).segments.front().isDiscontinuity);
        for (int i = 0; i < 6; ++i) pushChanged(broadcast);
        QCOMPARE(header(broadcast, "#EXT-X-DISCONTINUITY-SEQUENCE"), std::string("8"));
        for (int i = 0; i < 20 * 6; ++i) pushChanged(broadcast);
        QCOMPARE(broadcast.rendition(0).inits.size(), std::size_t{1});  // nothing needs the old one any more
    }
    void theSequenceGoesOnAfterARestart() {
        Broadcast broadcast;
        broadcast.announceFiller();
        broadcast.segments(2);
        change(broadcast);
        for (int i = 0; i < 17 * 6; ++i) pushChanged(broadcast);
        package::Restored restored;
        for (std::size_t i = 0; i < 3; ++i)
            restored.renditions.push_back({broadcast.rendition(i).inits, {}, broadcast.rendition(i).segments});
        restored.discontinuities = broadcast.packager->discontinuities();
        const auto packager = package::Packager::restore(broadcast.plan, restored, broadcast.now);
        QVERIFY(packager);
        QCOMPARE(std::string(asText((*packager)->snapshot()->renditions[0].playlist.plain.view())),
                 broadcast.playlist(0));
    }
    void aWorkerThatDiesBeforeTheBoundaryChangesNothingMore() {
        Broadcast broadcast;
        broadcast.announceFiller();
        broadcast.segments(2);
        broadcast.slot();
        change(broadcast);
        pushChanged(broadcast);
        change(broadcast);
        for (int i = 0; i < 6; ++i) pushChanged(broadcast);
        QCOMPARE(broadcast.packager->discontinuities(), 1u);
        QVERIFY(broadcast.packager->next() == broadcast.at);
    }
    void fillerAcrossTheBoundaryHasBothConfigurations() {
        Broadcast broadcast;
        broadcast.announceFiller();
        broadcast.segments(2);
        broadcast.slot();
        change(broadcast);
        const media::SlotId to{broadcast.at.segment + 2, 0};
        QVERIFY(broadcast.packager->fillTo(to, broadcast.now).error().code == ErrorCode::Conflict);
        broadcast.announceFiller();
        QVERIFY(broadcast.packager->fillTo(to, broadcast.now));
        QVERIFY(broadcast.packager->next() == to);
        QCOMPARE(broadcast.rendition(0).segments.back()->initName, broadcast.rendition(0).inits.back().name);
        QVERIFY(broadcast.rendition(0).segments[2]->initName == broadcast.rendition(0).inits.front().name);
    }
    void beforeAnythingIsPublishedAConfigurationIsSimplyReplaced() {
        Broadcast broadcast;
        broadcast.pushSlot(0, broadcast.at).value();
        broadcast.packager->workerRestarted();
        broadcast.announce(1);
        broadcast.segments(2);
        QCOMPARE(broadcast.rendition(0).inits.size(), std::size_t{1});
        QCOMPARE(broadcast.packager->discontinuities(), 0u);
    }
    void aShedRenditionWithAnotherConfigurationWaitsUntilTheOldSegmentsAreGone() {
        Broadcast broadcast;
        broadcast.announceFiller();
        broadcast.segments(2);
        QVERIFY(broadcast.packager->shed(0, broadcast.now));
        change(broadcast);
        pushChanged(broadcast);
        QVERIFY(broadcast.packager->restoreShed(0, broadcast.at.segment + 1).error().code == ErrorCode::Conflict);
        for (int i = 0; i < 16 * 6; ++i) pushChanged(broadcast);
        QVERIFY(broadcast.rendition(0).segments.empty());
        QVERIFY(broadcast.packager->setFiller(0, fakeFiller(broadcast.plan, 0)));
        QVERIFY(broadcast.packager->restoreShed(0, broadcast.at.segment + 1));
        for (int i = 0; i < 6; ++i) pushChanged(broadcast);
        QVERIFY(!broadcast.packager->isShed(0));
        QCOMPARE(parsePlaylist(broadcast.playlist(0)).segments.size(),
                 parsePlaylist(broadcast.playlist(1)).segments.size());
    }

private:
    static void change(Broadcast& broadcast) {
        broadcast.packager->workerRestarted();
        broadcast.announce(1);
    }
    // The new worker starts each slot with a key frame: its frames up to the boundary are dropped anyway.
    static void pushChanged(Broadcast& broadcast) {
        broadcast.now += Nanoseconds(Seconds(1)) / 3;
        for (const std::size_t rendition : {0, 1, 2}) QVERIFY(broadcast.pushSlot(rendition, broadcast.at));
        broadcast.at = broadcast.plan.grid.next(broadcast.at);
        QVERIFY(broadcast.packager->next() == broadcast.at);
    }
    static std::string header(const Broadcast& broadcast, const std::string& tag) {
        return parsePlaylist(broadcast.playlist(0)).header.at(tag);
    }
};
LIVE_TEST(DiscontinuityTest)
#include "discontinuity_test.moc"
