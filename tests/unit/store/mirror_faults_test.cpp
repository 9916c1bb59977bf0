#include "tests/support/test_main.h"

#include <signal.h>
#include <sys/resource.h>

#include <future>

#include "tests/unit/store/mirror_scene.h"

using namespace live;
using namespace live::test;

class MirrorFaultsTest : public QObject {
    Q_OBJECT
private slots:
    void aLogThatIsCutAnywhereKeepsItsWholeRecords() {
        MirrorScene scene;
        scene.begin();
        scene.commit(0, 4);
        const Bytes whole = contentOf(scene.logFile());
        const std::size_t header = encodeLogHeader(kPlan).size();
        const std::size_t record = commitRecordBytes(kRenditions);
        QCOMPARE(whole.size(), header + 4 * record);
        for (std::size_t size = 0; size <= whole.size(); ++size) {
            overwrite(scene.logFile(), ByteView(whole).first(size));
            const auto mirrored = scene.load();
            QCOMPARE(mirrored.has_value(), size >= header);
            if (mirrored)
                QCOMPARE(slotsOf(*mirrored, 0), liveSlots(static_cast<std::int64_t>((size - header) / record)));
        }
    }
    void aRestartAfterATornRecordGoesOnBehindIt() {
        const std::size_t header = encodeLogHeader(kPlan).size();
        const std::size_t record = commitRecordBytes(kRenditions);
        for (const std::size_t torn : {std::size_t(1), record / 2, record - 1, record}) {
            MirrorScene scene;
            scene.begin();
            scene.commit(0, 3);
            fs::resize_file(scene.logFile(), header + 3 * record - torn);
            scene.reopen();
            scene.mirror->begin(kPlan);
            scene.commit(2, 3, "fill");
            const auto mirrored = scene.load();
            QCOMPARE(slotsOf(*mirrored, 2), QString("0:live 1:live 2:fill 3:fill 4:fill"));
        }
    }
    void aDamagedRecordHidesNoOtherSegment() {
        MirrorScene scene;
        scene.begin();
        scene.commit(0, 18);
        const Bytes whole = contentOf(scene.logFile());
        const std::size_t header = encodeLogHeader(kPlan).size();
        Bytes changed = whole;
        changed[header + 8 * commitRecordBytes(kRenditions) + 3] ^= 1;  // slot 8, the third one of the second segment
        overwrite(scene.logFile(), changed);
        const auto mirrored = scene.load();
        QCOMPARE(slotsOf(*mirrored, 0), liveSlots(8) + " 12:live 13:live 14:live 15:live 16:live 17:live");
    }
    void dataThatIsCutOrChangedIsNotTrusted() {
        MirrorScene scene;
        scene.begin();
        scene.commit(0, 3);
        const fs::path file = scene.broadcastFolder() / "v720" / segmentFileName(kFirst);
        const Bytes whole = contentOf(file);
        const std::size_t part = whole.size() / 3;
        for (std::size_t size = 0; size <= whole.size(); ++size) {
            overwrite(file, ByteView(whole).first(size));
            const auto mirrored = scene.load();
            // The slot is void in all renditions.
            for (std::size_t i = 0; i < kRenditions; ++i)
                QCOMPARE(slotsOf(*mirrored, i), liveSlots(static_cast<std::int64_t>(size / part)));
        }
        for (std::size_t at = 0; at < whole.size(); ++at) {
            Bytes changed = whole;
            changed[at] = 0;
            overwrite(file, changed);
            QCOMPARE(slotsOf(*scene.load(), 2), liveSlots(static_cast<std::int64_t>(at / part)));
        }
    }
    void aSecondRestartHasWhatTheFirstOnePutInPlaceOfADamagedSlot() {
        MirrorScene scene;
        scene.begin();
        scene.commit(0, 6);
        const fs::path file = scene.broadcastFolder() / "v720" / segmentFileName(kFirst);
        Bytes changed = contentOf(file);
        changed[changed.size() / 2] ^= 1;  // the fourth slot: the first restart goes on there
        overwrite(file, changed);
        QCOMPARE(slotsOf(*scene.load(), 0), liveSlots(3));
        scene.reopen();
        scene.mirror->begin(kPlan);
        scene.commit(3, 4, "fill");
        for (std::size_t i = 0; i < kRenditions; ++i)
            QCOMPARE(slotsOf(*scene.load(), i), liveSlots(3) + " 3:fill 4:fill 5:fill 6:fill");
    }
    void aSlotWhoseInitIsDamagedIsNotTrusted() {
        MirrorScene scene;
        scene.begin();
        scene.commit(0, 2);
        overwrite(scene.broadcastFolder() / "a0" / initOf(2).name, Bytes{1, 2, 3});
        const auto mirrored = scene.load();
        QVERIFY(mirrored.has_value() && !mirrored->newest);
        QVERIFY(mirrored->renditions[2].inits.empty());
    }
    void damagedFillerIsNoFiller() {
        MirrorScene scene;
        scene.begin();
        scene.commit(0, 1);
        const fs::path file = scene.broadcastFolder() / "v720" / "filler";
        const Bytes whole = contentOf(file);
        for (std::size_t size = 0; size < whole.size(); ++size) {
            overwrite(file, ByteView(whole).first(size));
            QVERIFY(scene.load()->renditions[0].filler.bytes.empty());
        }
    }
    void aFullDiskFailsTheSlotAndNothingElse() {
        // However many bytes still fit: no half-written slot is ever trusted, and the mirror goes on when there is
        // room.
        for (std::size_t budget = 0; budget < 400; budget += 11) {
            MirrorScene scene;
            scene.begin();
            scene.commit(0, 6);
            scene.files.budget = budget;
            scene.commit(6, 3);
            scene.files.budget = SIZE_MAX;
            const auto full = scene.load();
            QVERIFY2(!slotsOf(*full, 0).contains("bad"), qPrintable(slotsOf(*full, 0)));
            const std::uint64_t written = scene.mirror->figures().committed;
            QCOMPARE(slotsOf(*full, 1), liveSlots(static_cast<std::int64_t>(written)));
            QCOMPARE(scene.mirror->figures().failed, 9 - written);
            QCOMPARE(scene.troubles.size(), std::size_t(9 - written));
            if (written < 9) QVERIFY(scene.troubles[0].kind == MirrorTrouble::Kind::Failed);
            scene.commit(12, 6);
            QVERIFY(slotsOf(*scene.load(), 2).endsWith("12:live 13:live 14:live 15:live 16:live 17:live"));
        }
    }
    void aFailureIsNewOnceUntilASlotIsWritten() {
        MirrorScene scene;
        scene.begin();
        scene.commit(0, 1);
        const auto fail = [&scene](int from, int count) {
            scene.files.budget = 0;
            scene.commit(from, count);
            scene.files.budget = SIZE_MAX;
        };
        fail(1, 3);
        scene.commit(6, 1);
        fail(7, 2);
        QString news;
        for (const MirrorTrouble& trouble : scene.troubles) news += trouble.isNew ? 'N' : '-';
        QCOMPARE(news, QString("N--N-"));
    }
    void aDiskThatIsFullFromTheStartIsUsedWhenThereIsRoom() {
        MirrorScene scene;
        scene.files.canMakeFolders = false;
        scene.begin();
        scene.commit(0, 6);
        QVERIFY(!scene.troubles.empty());
        QCOMPARE(scene.mirror->figures().committed, std::uint64_t(0));
        scene.files.canMakeFolders = true;
        scene.commit(6, 2);
        const auto mirrored = scene.load();
        QCOMPARE(slotsOf(*mirrored, 0), QString("6:live 7:live"));
        QCOMPARE(mirrored->renditions[1].filler.bytes.size(), std::size_t(8));
    }
    void aFileSizeLimitOfTheSystemIsAnErrorAndNotTheEnd() {
        const auto handler = ::signal(SIGXFSZ, SIG_IGN);  // as the daemon does
        rlimit before{};
        ::getrlimit(RLIMIT_FSIZE, &before);
        MirrorScene scene;
        scene.begin();
        scene.commit(0, 2);
        rlimit small = before;
        small.rlim_cur = 100;
        ::setrlimit(RLIMIT_FSIZE, &small);
        scene.commit(2, 4);
        ::setrlimit(RLIMIT_FSIZE, &before);
        ::signal(SIGXFSZ, handler);
        QCOMPARE(scene.mirror->figures().committed, std::uint64_t(2));
        QVERIFY(scene.troubles.size() == 4 && scene.troubles[0].error.message.find("large") != std::string::npos);
        QCOMPARE(slotsOf(*scene.load(), 0), liveSlots(2));
    }
    void aLateSlotIsReportedAndStillCounts() {
        MirrorScene scene;
        scene.begin();
        scene.commit(0, 1);
        scene.files.onWrite = [&scene] { scene.clock.advance(Milliseconds(6)); };  // 4 writes a slot
        scene.commit(1, 1);
        QCOMPARE(scene.troubles.size(), std::size_t(1));
        QVERIFY(scene.troubles[0].kind == MirrorTrouble::Kind::Late);
        QVERIFY(scene.troubles[0].stream == kPlan.stream);
        QCOMPARE(QString::fromStdString(scene.troubles[0].error.message),
                 QString("a slot was on disk after 24 ms, not within 20 ms; had the server been killed meanwhile, it "
                         "would be filler"));
        QCOMPARE(scene.mirror->figures().late, std::uint64_t(1));
        QCOMPARE(slotsOf(*scene.load(), 0), liveSlots(2));
    }
    void lateSlotsAreNewsOnceAMinuteWithHowMany() {
        MirrorScene scene;
        scene.begin();
        const auto write = [&scene](int from, int count, Milliseconds aWrite) {
            scene.files.onWrite = [&scene, aWrite] { scene.clock.advance(aWrite); };  // 4 writes a slot
            scene.commit(from, count);
        };
        write(0, 1, Milliseconds(0));
        for (int n = 1; n < 7; n += 2) {
            write(n, 1, Milliseconds(6));
            write(n + 1, 1, Milliseconds(0));
        }
        scene.clock.advance(Seconds(60));
        write(7, 2, Milliseconds(6));
        QString news;
        for (const MirrorTrouble& trouble : scene.troubles) news += trouble.isNew ? 'N' : '-';
        QCOMPARE(news, QString("N--N-"));
        QVERIFY(scene.troubles[3].error.message.ends_with("; 3 slots since this was last reported"));
        QCOMPARE(scene.mirror->figures().late, std::uint64_t(5));
    }
    void aDiskThatStandsStillFillsTheQueueAndNobodyWaits() {
        MirrorScene scene;
        scene.limits.queuedBytes = 1000;
        scene.reopen();
        scene.begin();
        scene.mirror->flush();
        std::promise<void> moves;
        auto moving = moves.get_future().share();
        scene.files.onWrite = [moving] { moving.wait(); };
        int refused = 0, written = 0;
        for (int n = 0; n < 100; ++n)
            scene.mirror->commit(kPlan.broadcast, slotOf(nth(n)), [&](Result<void> done) {
                if (done)
                    ++written;
                else if (done.error().code == ErrorCode::Overloaded)
                    ++refused;
            });
        QVERIFY(refused > 80);
        moves.set_value();
        scene.mirror->flush();
        QCOMPARE(refused + written, 100);
        QCOMPARE(scene.mirror->figures().refused, static_cast<std::uint64_t>(refused));
        QVERIFY(scene.troubles[0].kind == MirrorTrouble::Kind::Refused);
    }
    void aDiskThatHangsDoesNotHoldUpTheEndAndIsLeftAlone() {
        std::promise<void> hangs, moves, gone;
        auto moving = moves.get_future().share();
        int answers = 0;
        {
            const auto files = std::make_shared<FaultyFileLayer>();
            files->onDestroyed = [&gone] { gone.set_value(); };
            const QTemporaryDir folder;
            const ManualClock clock;
            Mirror::Limits limits;
            limits.patience = Milliseconds(10);
            Mirror mirror(
                folder.path().toStdString(), files, clock, [&answers](const MirrorTrouble&) { ++answers; }, limits);
            mirror.begin(kPlan);
            for (std::size_t i = 0; i < kRenditions; ++i) mirror.setInit(kPlan.broadcast, i, initOf(i));
            mirror.flush();
            files->onWrite = [&hangs, moving, isFirst = true]() mutable {
                if (std::exchange(isFirst, false)) hangs.set_value();
                moving.wait();
            };
            for (int n = 0; n < 9; ++n)
                mirror.commit(kPlan.broadcast, slotOf(nth(n)), [&answers](Result<void>) { ++answers; });
            hangs.get_future().wait();
        }
        moves.set_value();
        gone.get_future().wait();  // the thread has let go of everything
        QCOMPARE(answers, 0);
    }
    void callsThatMakeNoSenseFail() {
        MirrorScene scene;
        scene.commit(0, 1);  // not begun
        scene.mirror->begin(kPlan);
        scene.mirror->setInit(kPlan.broadcast, 0, {"init.mp4", {}});
        scene.mirror->setInit(kPlan.broadcast, 3, initOf(0));
        scene.mirror->setFiller(kPlan.broadcast, 3, {initOf(0).name, {}});
        scene.mirror->setFiller(kPlan.broadcast, 0, {"init.mp4", {}});
        MirrorSlot few = slotOf(nth(0)), unnamed = slotOf(nth(0));
        few.parts.pop_back();
        unnamed.parts[0]->initName = "init.mp4";
        scene.mirror->commit(kPlan.broadcast, few);
        scene.mirror->commit(kPlan.broadcast, unnamed);
        scene.mirror->flush();
        QCOMPARE(scene.troubles.size(), std::size_t(7));
        QVERIFY(scene.troubles[0].error.code == ErrorCode::NotFound);
        for (std::size_t i = 1; i < 7; ++i) QVERIFY(scene.troubles[i].error.code == ErrorCode::InvalidArgument);
    }
};
LIVE_TEST(MirrorFaultsTest)

#include "mirror_faults_test.moc"
