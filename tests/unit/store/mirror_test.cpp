#include "tests/support/test_main.h"

#include <signal.h>
#include <sys/resource.h>

#include <QTemporaryDir>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <functional>
#include <future>
#include <mutex>

#include "server/store/mirror.h"
#include "server/store/mirror_log.h"
#include "tests/support/plans.h"

using namespace live;
using namespace live::store;
using media::SlotId;
namespace fs = std::filesystem;

namespace {

constexpr std::int64_t kFirst = 891'406'848;  // first segment of a log file
const media::BroadcastPlan kPlan = test::examplePlan(kFirst);
const std::size_t kRenditions = kPlan.renditions.size();

// Real files, and what can go wrong with them.
struct FaultyFileLayer final : FileLayer {
    Result<void> makeDirectories(const fs::path& path) override {
        if (!canMakeFolders) return failErrno("mkdir", EROFS);
        return real.makeDirectories(path);
    }
    Result<int> openForWriting(const fs::path& path) override { return real.openForWriting(path); }
    Result<void> writeAt(int file, ByteView bytes, std::uint64_t offset) override {
        if (onWrite) onWrite();
        if (bytes.size() <= budget) {
            budget -= bytes.size();
            return real.writeAt(file, bytes, offset);
        }
        const ByteView fitting = bytes.first(budget);
        budget = 0;
        if (auto written = real.writeAt(file, fitting, offset); !written) return written;
        return failErrno("pwrite", ENOSPC);
    }
    Result<std::uint64_t> sizeOf(int file) override { return real.sizeOf(file); }
    void close(int file) override { real.close(file); }
    Result<void> remove(const fs::path& path) override { return real.remove(path); }
    Result<Bytes> read(const fs::path& path, std::size_t maximum) override { return real.read(path, maximum); }
    Result<std::vector<std::string>> list(const fs::path& path) override { return real.list(path); }

    SystemFileLayer real;
    std::size_t budget = SIZE_MAX;  // bytes until the disk is full
    bool canMakeFolders = true;
    std::function<void()> onWrite;
};

Init initOf(std::size_t rendition) {
    const Buffer bytes = Buffer::copyOf("init of rendition " + std::to_string(rendition));
    return {"init-" + sha256Hex(bytes.view()).substr(0, 8) + ".mp4", bytes};
}

Buffer partBytes(std::size_t rendition, SlotId slot, const char* take) {
    return Buffer::copyOf(std::string(take) + " " + std::to_string(rendition) + "/" + std::to_string(slot.segment) +
                          "." + std::to_string(slot.part) + std::string(rendition * 7, '.'));
}

MirrorSlot slotOf(SlotId slot, const char* take = "live") {
    MirrorSlot committed{slot, {}};
    for (std::size_t i = 0; i < kRenditions; ++i)
        committed.parts.push_back(MirrorPart{.part = {.bytes = partBytes(i, slot, take),
                                                      .duration = kPlan.grid.partDuration(kPlan.track(i), slot),
                                                      .isIndependent = slot.part == 0},
                                             .initName = initOf(i).name});
    return committed;
}

// The n-th slot of the broadcast.
SlotId nth(std::int64_t n) { return kPlan.grid.slot(kPlan.grid.slotIndex({kFirst, 0}) + n); }

struct Scene {
    QTemporaryDir folder;
    FaultyFileLayer files;
    ManualClock clock;
    std::mutex mutex;
    std::vector<MirrorTrouble> troubles;
    Mirror::Limits limits;
    std::optional<Mirror> mirror;

    Scene() { open(); }
    void open() {
        mirror.emplace(
            root(), files, clock,
            [this](const MirrorTrouble& trouble) {
                const std::lock_guard lock(mutex);
                troubles.push_back(trouble);
            },
            limits);
    }
    // As a killed process leaves it and the next one finds it.
    void reopen() {
        mirror.reset();
        open();
    }
    fs::path root() const { return folder.path().toStdString(); }
    fs::path broadcastFolder() const { return root() / kPlan.stream.text() / kPlan.broadcast.text(); }
    fs::path logFile() const { return broadcastFolder() / logFileName(kFirst); }

    void begin() {
        mirror->begin(kPlan);
        for (std::size_t i = 0; i < kRenditions; ++i) {
            mirror->setInit(kPlan.broadcast, i, initOf(i));
            mirror->setFiller(kPlan.broadcast, i, Buffer::copyOf("filler " + std::to_string(i)));
        }
    }
    void commit(std::int64_t from, std::int64_t count, const char* take = "live") {
        for (std::int64_t n = from; n < from + count; ++n) mirror->commit(kPlan.broadcast, slotOf(nth(n), take));
        mirror->flush();
    }
    Result<MirroredBroadcast> load() { return Mirror::load(root(), kPlan.stream, kPlan.broadcast, files); }
};

// "0:live 1:live 3:filler": the slots of a rendition in order, counted from the first one, and whose bytes they have;
// "bad" where bytes, duration or flags are not what was committed.
QString slotsOf(const MirroredBroadcast& mirrored, std::size_t rendition) {
    QStringList all;
    for (const auto& segment : mirrored.renditions[rendition].segments)
        for (std::size_t p = 0; p < segment->parts.size(); ++p) {
            const SlotId slot{segment->number, static_cast<std::int32_t>(p)};
            const std::string take(asText(segment->parts[p].bytes.view()).substr(0, 4));
            const MirrorPart expected = *slotOf(slot, take.c_str()).parts[rendition];
            const Part& part = segment->parts[p];
            const bool isRight = std::ranges::equal(part.bytes.view(), expected.part.bytes.view()) &&
                                 part.duration == expected.part.duration &&
                                 part.isIndependent == expected.part.isIndependent &&
                                 segment->initName == expected.initName &&
                                 segment->start == kPlan.grid.partStart(kPlan.track(rendition), {segment->number, 0});
            all += QString("%1:%2")
                       .arg(kPlan.grid.slotIndex(slot) - kPlan.grid.slotIndex({kFirst, 0}))
                       .arg(isRight ? QString::fromStdString(take) : "bad");
        }
    return all.join(' ');
}

// "0:live 1:live … n-1:live"
QString liveSlots(std::int64_t count) {
    QStringList all;
    for (std::int64_t n = 0; n < count; ++n) all += QString("%1:live").arg(n);
    return all.join(' ');
}

Bytes contentOf(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

void overwrite(const fs::path& path, ByteView bytes) {
    fs::remove(path);  // truncating makes some file systems write to the disk
    std::ofstream file(path, std::ios::binary | std::ios::trunc);
    file.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
}

}  // namespace

class MirrorTest : public QObject {
    Q_OBJECT
private slots:
    void whatIsLoadedEqualsWhatWasWritten() {
        Scene scene;
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
            QCOMPARE(std::string(asText(mirrored->renditions[i].filler.view())), "filler " + std::to_string(i));
        }
        QVERIFY(scene.troubles.empty());
        QCOMPARE(scene.mirror->figures().committed, std::uint64_t(20));
    }
    void aDiscontinuityComesBack() {
        Scene scene;
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
        Scene scene;
        scene.begin();
        scene.commit(0, 6);
        Bytes expected;
        for (int n = 0; n < 6; ++n)
            std::ranges::copy(partBytes(1, nth(n), "live").view(), std::back_inserter(expected));
        QVERIFY(contentOf(scene.broadcastFolder() / "v360" / segmentFileName(kFirst)) == expected);
    }
    void aLogThatIsCutAnywhereKeepsItsWholeRecords() {
        Scene scene;
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
            Scene scene;
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
        Scene scene;
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
        Scene scene;
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
    void aSlotWhoseInitIsDamagedIsNotTrusted() {
        Scene scene;
        scene.begin();
        scene.commit(0, 2);
        overwrite(scene.broadcastFolder() / "a0" / initOf(2).name, Bytes{1, 2, 3});
        const auto mirrored = scene.load();
        QVERIFY(mirrored.has_value() && !mirrored->newest);
        QVERIFY(mirrored->renditions[2].inits.empty());
    }
    void damagedFillerIsNoFiller() {
        Scene scene;
        scene.begin();
        scene.commit(0, 1);
        const fs::path file = scene.broadcastFolder() / "v720" / "filler";
        const Bytes whole = contentOf(file);
        for (std::size_t size = 0; size < whole.size(); ++size) {
            overwrite(file, ByteView(whole).first(size));
            QVERIFY(scene.load()->renditions[0].filler.empty());
        }
    }
    void aRenditionThatWasShedHasNoPartsUntilTheNextSegment() {
        Scene scene;
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
    void aSlotThatWasSeenFirstStays() {
        Scene scene;
        scene.begin();
        scene.commit(0, 2);
        scene.commit(1, 2, "fill");
        QCOMPARE(slotsOf(*scene.load(), 0), QString("0:live 1:live 2:fill"));
    }
    void aRestartInTheMiddleOfASegmentKeepsItsBytes() {
        Scene scene;
        scene.begin();
        scene.commit(0, 8);
        scene.reopen();
        scene.mirror->begin(kPlan);
        scene.commit(8, 6, "fill");
        QCOMPARE(slotsOf(*scene.load(), 1), liveSlots(8) + " 8:fill 9:fill 10:fill 11:fill 12:fill 13:fill");
    }
    void trimmingRemovesFilesAndLogsAndOnlyThose() {
        Scene scene;
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
        Scene scene;
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
        Scene scene;
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
        Scene scene;
        scene.begin();
        scene.commit(0, 3);
        scene.mirror->close(kPlan.broadcast);
        scene.mirror->flush();
        QCOMPARE(slotsOf(*scene.load(), 0), liveSlots(3));
    }
    void aFullDiskFailsTheSlotAndNothingElse() {
        // However many bytes still fit: no half-written slot is ever trusted, and the mirror goes on when there is
        // room.
        for (std::size_t budget = 0; budget < 400; budget += 11) {
            Scene scene;
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
    void aDiskThatIsFullFromTheStartIsUsedWhenThereIsRoom() {
        Scene scene;
        scene.files.canMakeFolders = false;
        scene.begin();
        scene.commit(0, 6);
        QVERIFY(!scene.troubles.empty());
        QCOMPARE(scene.mirror->figures().committed, std::uint64_t(0));
        scene.files.canMakeFolders = true;
        scene.commit(6, 2);
        const auto mirrored = scene.load();
        QCOMPARE(slotsOf(*mirrored, 0), QString("6:live 7:live"));
        QCOMPARE(mirrored->renditions[1].filler.size(), std::size_t(8));
    }
    void aFileSizeLimitOfTheSystemIsAnErrorAndNotTheEnd() {
        const auto handler = ::signal(SIGXFSZ, SIG_IGN);  // as the daemon does
        rlimit before{};
        ::getrlimit(RLIMIT_FSIZE, &before);
        Scene scene;
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
        Scene scene;
        scene.begin();
        scene.commit(0, 1);
        scene.files.onWrite = [&scene] { scene.clock.advance(Milliseconds(6)); };  // 4 writes a slot
        scene.commit(1, 1);
        QCOMPARE(scene.troubles.size(), std::size_t(1));
        QVERIFY(scene.troubles[0].kind == MirrorTrouble::Kind::Late);
        QVERIFY(scene.troubles[0].stream == kPlan.stream);
        QCOMPARE(QString::fromStdString(scene.troubles[0].error.message), QString("a slot was written after 24 ms"));
        QCOMPARE(scene.mirror->figures().late, std::uint64_t(1));
        QCOMPARE(slotsOf(*scene.load(), 0), liveSlots(2));
    }
    void aDiskThatStandsStillFillsTheQueueAndNobodyWaits() {
        Scene scene;
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
    void everyCommitIsAnsweredEvenAtTheEnd() {
        Scene scene;
        scene.begin();
        std::atomic<int> answers = 0;
        for (int n = 0; n < 50; ++n)
            scene.mirror->commit(kPlan.broadcast, slotOf(nth(n)), [&answers](Result<void>) { ++answers; });
        scene.mirror.reset();
        QCOMPARE(answers.load(), 50);
        QCOMPARE(slotsOf(*scene.load(), 0), liveSlots(50));
    }
    void callsThatMakeNoSenseFail() {
        Scene scene;
        scene.commit(0, 1);  // not begun
        scene.mirror->begin(kPlan);
        scene.mirror->setInit(kPlan.broadcast, 0, {"init.mp4", {}});
        scene.mirror->setInit(kPlan.broadcast, 3, initOf(0));
        scene.mirror->setFiller(kPlan.broadcast, 3, {});
        MirrorSlot few = slotOf(nth(0)), unnamed = slotOf(nth(0));
        few.parts.pop_back();
        unnamed.parts[0]->initName = "init.mp4";
        scene.mirror->commit(kPlan.broadcast, few);
        scene.mirror->commit(kPlan.broadcast, unnamed);
        scene.mirror->flush();
        QCOMPARE(scene.troubles.size(), std::size_t(6));
        QVERIFY(scene.troubles[0].error.code == ErrorCode::NotFound);
        for (std::size_t i = 1; i < 6; ++i) QVERIFY(scene.troubles[i].error.code == ErrorCode::InvalidArgument);
    }
};
LIVE_TEST(MirrorTest)

#include "mirror_test.moc"
