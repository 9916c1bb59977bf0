#include "tests/support/test_main.h"

#include <algorithm>
#include <atomic>

#include "tests/unit/store/mirror_scene.h"

using namespace live;
using namespace live::test;

namespace {

// As a rendition is given it that was shed when the others had it.
MirrorSlot onlyFirst(MirrorSlot slot) {
    for (std::size_t i = 1; i < slot.parts.size(); ++i) slot.parts[i].reset();
    return slot;
}

}  // namespace

class MirrorTest : public QObject {
    Q_OBJECT
private slots:
    void whatIsLoadedEqualsWhatWasWritten() {
        MirrorScene scene;
        scene.begin();
        scene.commit(0, 20);
        const auto mirrored = scene.load();
        QVERIFY2(mirrored.has_value(), mirrored ? "" : mirrored.error().message.c_str());
        QVERIFY(mirrored->plan == kPlan);
        QVERIFY(mirrored->newest == nth(19));
        for (std::size_t i = 0; i < kRenditions; ++i) {
            QCOMPARE(slotsOf(*mirrored, i), liveSlots(20));
            QCOMPARE(mirrored->renditions[i].inits.size(), std::size_t(1));
            QVERIFY(mirrored->renditions[i].inits[0].name == initOf(i).name);
            const MirrorFiller& filler = mirrored->renditions[i].filler;
            QCOMPARE(std::string(asText(filler.bytes.view())), "filler " + std::to_string(i));
            QCOMPARE(filler.initName, initOf(i).name);
        }
        QVERIFY(scene.troubles.empty());
        QCOMPARE(scene.mirror->figures().committed, std::uint64_t(20));
    }
    void aDiscontinuityComesBack() {
        MirrorScene scene;
        scene.begin();
        scene.commit(0, 6);
        MirrorSlot slot = slotOf(nth(6));
        for (auto& part : slot.parts) part->isDiscontinuity = true;
        scene.mirror->commit(kPlan.broadcast, slot);
        scene.mirror->flush();
        const auto mirrored = scene.load();
        QVERIFY(!mirrored->renditions[0].segments[0]->isDiscontinuity);
        QVERIFY(mirrored->renditions[0].segments[1]->isDiscontinuity);
    }
    void theBytesOfASegmentAreTheBytesOfItsFile() {
        MirrorScene scene;
        scene.begin();
        scene.commit(0, 6);
        Bytes expected;
        for (int n = 0; n < 6; ++n)
            std::ranges::copy(partBytes(1, nth(n), "live").view(), std::back_inserter(expected));
        QVERIFY(contentOf(scene.broadcastFolder() / "v360" / segmentFileName(kFirst)) == expected);
    }
    void aRenditionThatWasShedHasNoPartsUntilTheNextSegment() {
        MirrorScene scene;
        scene.begin();
        for (int n = 0; n < 12; ++n) {
            MirrorSlot slot = slotOf(nth(n));
            if (n == 2 || n == 3) slot.parts[0].reset();
            scene.mirror->commit(kPlan.broadcast, slot);
        }
        scene.mirror->flush();
        const auto mirrored = scene.load();
        QCOMPARE(slotsOf(*mirrored, 0), QString("0:live 1:live 6:live 7:live 8:live 9:live 10:live 11:live"));
        QCOMPARE(slotsOf(*mirrored, 1), liveSlots(12));
        QVERIFY(mirrored->newest == nth(11));
    }
    void whatARenditionWasGivenLaterIsPartOfItsSlots() {
        MirrorScene scene;
        scene.begin();
        for (int n = 0; n < 12; ++n) {
            MirrorSlot slot = slotOf(nth(n));
            if (n >= 2) slot.parts[0].reset();
            scene.mirror->commit(kPlan.broadcast, slot);
        }
        for (int n = 2; n < 12; ++n) scene.mirror->commit(kPlan.broadcast, onlyFirst(slotOf(nth(n), "fill")));
        scene.commit(12, 1);
        const auto mirrored = scene.load();
        QCOMPARE(
            slotsOf(*mirrored, 0),
            QString("0:live 1:live 2:fill 3:fill 4:fill 5:fill 6:fill 7:fill 8:fill 9:fill 10:fill 11:fill 12:live"));
        QCOMPARE(slotsOf(*mirrored, 1), liveSlots(13));
        QVERIFY(mirrored->newest == nth(12));
    }
    void whatARenditionWasGivenLaterIsNoSlotByItself() {
        MirrorScene scene;
        scene.begin();
        scene.commit(0, 2);
        scene.mirror->commit(kPlan.broadcast, onlyFirst(slotOf(nth(2))));
        scene.mirror->flush();
        const auto mirrored = scene.load();
        QCOMPARE(slotsOf(*mirrored, 0), liveSlots(2));
        QVERIFY(mirrored->newest == nth(1));
    }
    void aSlotThatWasSeenFirstStays() {
        MirrorScene scene;
        scene.begin();
        scene.commit(0, 2);
        scene.commit(1, 2, "fill");
        QCOMPARE(slotsOf(*scene.load(), 0), QString("0:live 1:live 2:fill"));
    }
    void aRestartInTheMiddleOfASegmentKeepsItsBytes() {
        MirrorScene scene;
        scene.begin();
        scene.commit(0, 8);
        scene.reopen();
        scene.mirror->begin(kPlan);
        scene.commit(8, 6, "fill");
        QCOMPARE(slotsOf(*scene.load(), 1), liveSlots(8) + " 8:fill 9:fill 10:fill 11:fill 12:fill 13:fill");
    }
    void trimmingRemovesFilesAndLogsAndOnlyThose() {
        MirrorScene scene;
        scene.begin();
        scene.commit(0, 70 * 6);  // into the second log
        scene.mirror->trim(kPlan.broadcast, kFirst + 10);
        scene.mirror->flush();
        QVERIFY(!fs::exists(scene.broadcastFolder() / "v720" / segmentFileName(kFirst + 9)));
        QVERIFY(fs::exists(scene.broadcastFolder() / "v720" / segmentFileName(kFirst + 10)));
        QVERIFY(fs::exists(scene.logFile()));
        QVERIFY(scene.load()->renditions[2].segments.front()->number == kFirst + 10);
        scene.mirror->trim(kPlan.broadcast, kFirst + 65);
        scene.mirror->flush();
        QVERIFY(!fs::exists(scene.logFile()));
        const auto mirrored = scene.load();
        QCOMPARE(mirrored->renditions[0].segments.size(), std::size_t(5));
        QVERIFY(mirrored->newest == nth(70 * 6 - 1));
    }
    void aRestartedServerTrimsWhatTheOneBeforeWrote() {
        MirrorScene scene;
        scene.begin();
        scene.commit(0, 30);
        scene.reopen();
        scene.mirror->begin(kPlan);
        scene.mirror->trim(kPlan.broadcast, kFirst + 4);
        scene.mirror->flush();
        QVERIFY(!fs::exists(scene.broadcastFolder() / "a0" / segmentFileName(kFirst + 3)));
        QCOMPARE(slotsOf(*scene.load(), 2), QString("24:live 25:live 26:live 27:live 28:live 29:live"));
    }
    void broadcastsAreListedAndRemoved() {
        MirrorScene scene;
        QVERIFY(Mirror::broadcasts(scene.root(), scene.files).empty());
        scene.begin();
        scene.commit(0, 1);
        fs::create_directories(scene.root() / "Not A Stream");
        const auto found = Mirror::broadcasts(scene.root(), scene.files);
        QCOMPARE(found.size(), std::size_t(1));
        QVERIFY(found[0].first == kPlan.stream && found[0].second == kPlan.broadcast);
        scene.mirror->remove(kPlan.stream, kPlan.broadcast);
        scene.mirror->flush();
        QVERIFY(!fs::exists(scene.broadcastFolder()));
        QVERIFY(scene.load().error().code == ErrorCode::NotFound);
    }
    void aClosedBroadcastStaysReadable() {
        MirrorScene scene;
        scene.begin();
        scene.commit(0, 3);
        scene.mirror->close(kPlan.broadcast);
        scene.mirror->flush();
        QCOMPARE(slotsOf(*scene.load(), 0), liveSlots(3));
    }
    void everyCommitIsAnsweredEvenAtTheEnd() {
        MirrorScene scene;
        scene.begin();
        std::atomic<int> answers = 0;
        for (int n = 0; n < 50; ++n)
            scene.mirror->commit(kPlan.broadcast, slotOf(nth(n)), [&answers](Result<void>) { ++answers; });
        scene.mirror.reset();
        QCOMPARE(answers.load(), 50);
        QCOMPARE(slotsOf(*scene.load(), 0), liveSlots(50));
    }
};
LIVE_TEST(MirrorTest)

#include "mirror_test.moc"
