#include "tests/support/test_main.h"

#include <fstream>
#include <future>

#include "server/stream/broadcast.h"
#include "server/stream/broadcast_studio.h"
#include "tests/support/broadcast_room.h"
#include "tests/support/plans.h"

using namespace live;
using namespace live::stream;

namespace {

struct OnAirRoom : test::BroadcastRoom {
    explicit OnAirRoom(media::BroadcastPlan thePlan = test::examplePlan(), Result<void> journalSays = {})
        : BroadcastRoom(std::move(thePlan)), shared(context()) {
        journalAnswer = std::move(journalSays);
        const media::OutputClock output(clock.boot(), outputNow());
        broadcast = std::move(*Broadcast::start(shared, plan, output, publication, *this));
    }
    std::shared_ptr<const store::StreamSnapshot> seen() const {
        const auto entry = directory.find(plan.stream);
        return entry ? entry->current : nullptr;
    }
    media::SlotId slot(std::int64_t segment, std::int32_t part) const { return {plan.firstSegment + segment, part}; }
    void advance(Nanoseconds by) {
        clock.advance(by);
        broadcast->tick();
        host->runDue();
        settle();
    }
    void workerSays(transcode::Event::Kind kind, std::uint8_t rendition) {
        host->listener->onRecord(transcode::Event{.kind = kind, .rendition = rendition, .message = {}});
    }
    QString alarm() const {
        StreamStats stats;
        broadcast->describe(stats);
        return stats.alarms.empty() ? QString() : QString::fromStdString(stats.alarms.front());
    }
    bool isOpenInMirror() {
        std::optional<ErrorCode> failure;
        mirror->commit(plan.broadcast, {}, [&](Result<void> done) { failure = done.error().code; });
        mirror->flush();
        return failure != ErrorCode::NotFound;
    }
    // The process was killed: everything goes but the mirror's files and the journal.
    Remains kill() {
        broadcast.reset();
        mirror->flush();
        auto mirrored = store::Mirror::load(root(), plan.stream, plan.broadcast, files);
        directory.remove(plan.stream);
        return {.entry = journal, .mirrored = std::move(*mirrored), .isSameBoot = true};
    }

    store::Directory directory;
    Publication publication{plan.stream, directory, clock, [](const BroadcastId&) {}};
    BroadcastContext shared;
    std::unique_ptr<Broadcast> broadcast;
};

}  // namespace

class BroadcastTest : public QObject {
    Q_OBJECT
private slots:
    void viewersSeeTheFirstPlaylistWhenItsSegmentIsClosed() {
        OnAirRoom room;
        room.sendTracks();
        room.sendSlots(room.slot(0, 0), room.slot(0, 5));
        QVERIFY(!room.seen());
        room.sendSlots(room.slot(0, 5), room.slot(1, 2));
        QVERIFY(room.seen()->newest == room.slot(1, 1));
    }
    void whatViewersSeeIsInTheMirror() {
        OnAirRoom room;
        room.sendTracks();
        room.sendSlots(room.slot(0, 0), room.slot(2, 3));
        const auto mirrored = store::Mirror::load(room.root(), room.plan.stream, room.plan.broadcast, room.files);
        QVERIFY(mirrored->newest == room.seen()->newest);
    }
    void aNewWorkerGoesOnAtTheSlotAfterTheLastPublishedOne() {
        OnAirRoom room;
        room.sendTracks();
        room.sendSlots(room.slot(0, 0), room.slot(1, 4));
        const auto before = room.seen();
        room.host->listener->onLost({transcode::LossKind::Exited, "killed"});
        room.host->runDue();
        QCOMPARE(room.host->jobs.size(), std::size_t(2));
        QVERIFY(room.host->jobs.back().firstSlot == room.slot(1, 4));
        room.sendTracks();
        room.sendSlots(room.slot(1, 4), room.slot(2, 1), OnAirRoom::Start::WithKey);
        QVERIFY(room.seen()->newest == room.slot(2, 0));
        QVERIFY(!asText(room.seen()->renditions[0].playlist.plain.view()).contains("DISCONTINUITY\n"));
        const auto& parts = room.seen()->renditions[0].segments[1]->parts;
        for (std::size_t i = 0; i < 4; ++i)
            QVERIFY(parts[i].bytes.data() == before->renditions[0].segments[1]->parts[i].bytes.data());
        StreamStats stats;
        room.broadcast->describe(stats);
        QCOMPARE(stats.worker->restarts, 1u);
    }
    void aWorkersSpeedIsThatOfTheSlowestVideoAndUnknownUntilItSays() {
        OnAirRoom room;
        const auto stats = [&room](double video) {
            transcode::Heartbeat heartbeat;
            for (const media::Rendition& rendition : room.plan.renditions)
                heartbeat.renditions.push_back(
                    {.encodeSpeed = rendition.kind == media::MediaKind::Video ? video : video / 2});
            room.host->listener->onRecord(std::move(heartbeat));
            StreamStats described;
            room.broadcast->describe(described);
            return described;
        };
        const StreamStats before = stats(0);
        QVERIFY(!before.worker->speed);
        for (const RenditionStats& rendition : before.renditions) QVERIFY(!rendition.encodeSpeed);
        const StreamStats after = stats(3);
        QCOMPARE(*after.worker->speed, 3.0);
        QCOMPARE(*after.renditions[0].encodeSpeed, 3.0);
    }
    void aNewWorkerWithoutAKeyFrameIsAnAlarmUntilItHasAPicture() {
        OnAirRoom room;
        const auto losesWorker = [&room] {
            room.host->listener->onLost({transcode::LossKind::Exited, "killed"});
            room.host->runDue();
        };
        room.broadcast->inputTrack({.kind = media::MediaKind::Audio, .codec = media::Codec::Aac, .configuration = {}});
        losesWorker();
        QCOMPARE(room.alarm(), QString());  // there is no picture to come
        room.broadcast->inputTrack({.kind = media::MediaKind::Video, .codec = media::Codec::H264, .configuration = {}});
        room.broadcast->inputPacket({.kind = media::MediaKind::Video, .isKey = true, .data = {}}, room.clock.boot());
        room.clock.advance(Seconds(40));
        losesWorker();
        QCOMPARE(room.alarm(), QString());
        room.clock.advance(Seconds(40));
        room.broadcast->inputPacket({.kind = media::MediaKind::Video, .data = {}}, room.clock.boot());
        losesWorker();
        QVERIFY(room.alarm().startsWith("no picture until the encoder's next key frame"));
        room.workerSays(transcode::Event::Kind::FirstFrame, 0);
        QCOMPARE(room.alarm(), QString());
    }
    void aPictureIsNotMissedWhenWhoSentItHasLeft() {
        OnAirRoom room;
        const auto losesWorker = [&room] {
            room.clock.advance(Seconds(40));
            room.host->listener->onLost({transcode::LossKind::Exited, "killed"});
            room.host->runDue();
        };
        room.broadcast->inputTrack({.kind = media::MediaKind::Video, .codec = media::Codec::H264, .configuration = {}});
        losesWorker();
        QVERIFY(room.alarm().contains("key frame interval"));
        room.broadcast->inputLost();
        QCOMPARE(room.alarm(), QString());
        room.broadcast->inputTrack({.kind = media::MediaKind::Audio, .codec = media::Codec::Aac, .configuration = {}});
        losesWorker();
        QCOMPARE(room.alarm(), QString());
    }
    // What it sent last may be what they die of: it is not given to the next worker.
    void anEncoderIsNotToBlameForAPictureThatWorkersWereLostOver() {
        OnAirRoom room;
        room.broadcast->inputTrack({.kind = media::MediaKind::Video, .codec = media::Codec::H264, .configuration = {}});
        room.broadcast->inputPacket({.kind = media::MediaKind::Video, .isKey = true, .data = {}}, room.clock.boot());
        for (int i = 0; i < 3; ++i) {
            QCOMPARE(room.alarm(), QString());
            room.host->listener->onLost({transcode::LossKind::Exited, "killed"});
            room.clock.advance(Seconds(1));
            room.host->runDue();
        }
        QVERIFY(room.alarm().startsWith("no picture until the encoder's next key frame"));
        QVERIFY(!room.alarm().contains("interval"));
    }
    void whatCannotBeDecodedIsAWarningOfTheInput() {
        OnAirRoom room;
        for (int i = 0; i < 10; ++i) {
            room.broadcast->inputPacket({.kind = media::MediaKind::Video, .data = {}}, room.clock.boot());
            room.clock.advance(Milliseconds(500));
            room.host->listener->onRecord(transcode::Heartbeat{});
        }
        StreamStats stats;
        room.broadcast->describe(stats);  // the publisher has gone in the meantime
        stats.inputs.emplace_back();
        room.broadcast->describe(stats);
        QCOMPARE(stats.inputs[0].warnings.size(), std::size_t(1));
        QVERIFY(stats.inputs[0].warnings[0].starts_with("the picture cannot be decoded"));
    }
    void outputThatMakesNoPartReplacesTheWorker() {
        OnAirRoom room;
        room.sendTracks();
        room.sendSlots(room.slot(0, 0), room.slot(1, 1));
        room.sendSlots(room.slot(1, 2), room.slot(1, 3));  // a slot is missing
        room.host->runDue();
        QCOMPARE(room.host->jobs.size(), std::size_t(2));
        QVERIFY(room.host->jobs.back().firstSlot == room.slot(1, 1));
    }
    void theEndClosesTheOpenSegmentFirst() {
        OnAirRoom room;
        room.sendTracks();
        room.sendSlots(room.slot(0, 0), room.slot(1, 2));
        room.broadcast->end();
        QVERIFY(std::holds_alternative<transcode::Stop>(room.host->received.back()));
        room.sendSlots(room.slot(1, 2), room.slot(2, 0));
        QVERIFY(!room.seen()->isEnded);
        room.host->runDue();
        room.advance(Milliseconds(300));
        QVERIFY(!room.seen()->isEnded);  // the last part comes a slot before the end
        room.advance(Milliseconds(100));
        QVERIFY(room.seen()->isEnded);
        QVERIFY(room.seen()->newest == room.slot(1, 5));
        QCOMPARE(room.endings, 1);
        QVERIFY(room.journal.isEnded);
    }
    void aWorkerThatDoesNotFinishIsNotWaitedForLong() {
        OnAirRoom room;
        room.sendTracks();
        room.sendSlots(room.slot(0, 0), room.slot(1, 2));
        room.broadcast->end();
        room.advance(Milliseconds(4900));
        QVERIFY(!room.seen()->isEnded);
        room.advance(Milliseconds(200));
        QVERIFY(room.seen()->isEnded);
        QCOMPARE(room.seen()->renditions[0].segments.back()->parts.size(), std::size_t(6));
    }
    void afterAKillTheSameSegmentsAreListedAndTheGapIsFiller() {
        OnAirRoom room;
        room.sendTracks();
        room.sendSlots(room.slot(0, 0), room.slot(1, 2));
        const auto before = room.seen();
        Remains remains = room.kill();
        room.clock.advance(Seconds(5));
        auto resumed = Broadcast::resume(room.shared, std::move(remains), room.publication, room);
        QVERIFY2(resumed.has_value(), resumed ? "" : resumed.error().message.c_str());
        room.settle();
        // It was 0.5 s into segment 1, 5 s passed: live goes on with segment 4, up to there is filler.
        QVERIFY(room.host->jobs.back().firstSlot == room.slot(4, 0));
        QVERIFY(room.seen()->newest == room.slot(3, 5));
        for (std::size_t i = 0; i < room.plan.renditions.size(); ++i) {
            const auto& was = before->renditions[i].segments;
            const auto& is = room.seen()->renditions[i].segments;
            QCOMPARE(is.size(), std::size_t(4));
            QVERIFY(std::ranges::equal(was[0]->parts[3].bytes.view(), is[0]->parts[3].bytes.view()));
            QVERIFY(std::ranges::equal(was[1]->parts[1].bytes.view(), is[1]->parts[1].bytes.view()));
            const auto playlist = asText(room.seen()->renditions[i].playlist.plain.view());
            QVERIFY(!playlist.contains("EXT-X-GAP") && !playlist.contains("DISCONTINUITY\n"));
        }
    }
    void afterAKillARenditionThatCameBackListsTheSameSegments() {
        OnAirRoom room;
        room.sendTracks();
        room.sendSlots(room.slot(0, 0), room.slot(1, 0));
        room.workerSays(transcode::Event::Kind::ShedRendition, 0);
        room.sendSlots(room.slot(1, 0), room.slot(2, 0));
        room.workerSays(transcode::Event::Kind::Restored, 0);
        room.sendSlots(room.slot(2, 0), room.slot(3, 2));
        const auto before = room.seen();
        QVERIFY(!before->renditions[0].isShed);
        auto resumed = Broadcast::resume(room.shared, room.kill(), room.publication, room);
        QVERIFY2(resumed.has_value(), resumed ? "" : resumed.error().message.c_str());
        room.settle();
        for (std::size_t i = 0; i < room.plan.renditions.size(); ++i) {
            const auto& was = before->renditions[i].segments;
            const auto& is = room.seen()->renditions[i].segments;
            QCOMPARE(is.front()->number, room.plan.firstSegment);
            for (std::size_t k = 0; k < was.size(); ++k)
                for (std::size_t p = 0; p < was[k]->parts.size(); ++p)
                    QVERIFY(std::ranges::equal(was[k]->parts[p].bytes.view(), is[k]->parts[p].bytes.view()));
        }
    }
    void afterAKillARenditionThatWasOffComesBackWithTheNewWorker() {
        OnAirRoom room;
        room.sendTracks();
        room.sendSlots(room.slot(0, 0), room.slot(1, 0));
        room.workerSays(transcode::Event::Kind::ShedRendition, 0);
        room.sendSlots(room.slot(1, 0), room.slot(1, 2));
        auto resumed = Broadcast::resume(room.shared, room.kill(), room.publication, room);
        QVERIFY2(resumed.has_value(), resumed ? "" : resumed.error().message.c_str());
        room.settle();
        QVERIFY(room.seen()->renditions[0].isShed);
        room.sendTracks();
        room.sendSlots(room.slot(2, 0), room.slot(2, 1));
        QVERIFY(!room.seen()->renditions[0].isShed);
        QCOMPARE(room.seen()->renditions[0].segments.size(), std::size_t(3));
    }
    void afterAKillARenditionOfWhichNothingIsLeftComesBackWithNewFiller() {
        OnAirRoom room;
        room.sendTracks();
        room.sendFillers();
        room.sendSlots(room.slot(0, 0), room.slot(1, 0));
        room.workerSays(transcode::Event::Kind::ShedRendition, 0);
        for (std::int64_t k = 1; k < 60; ++k) {
            room.clock.advance(Seconds(2));
            room.sendSlots(room.slot(k, 0), room.slot(k + 1, 0));
        }
        Remains remains = room.kill();
        QVERIFY(remains.mirrored.renditions[0].segments.empty());
        auto resumed = Broadcast::resume(room.shared, std::move(remains), room.publication, room);
        QVERIFY2(resumed.has_value(), resumed ? "" : resumed.error().message.c_str());
        room.settle();
        const media::SlotId live = room.host->jobs.back().firstSlot;
        const auto next = [&live](int segments) { return media::SlotId{live.segment + segments, 0}; };
        QVERIFY(room.host->jobs.back().wantsFiller);
        room.sendTracks();
        room.sendSlots(live, next(1));
        QVERIFY(room.seen()->renditions[0].isShed);
        room.sendFillers();
        room.sendSlots(next(1), next(2));
        QVERIFY(!room.seen()->renditions[0].isShed);
        QCOMPARE(room.seen()->renditions[0].segments.size(), room.seen()->renditions[1].segments.size());
    }
    void afterAnUpgradeFillerIsMadeForTheNewConfiguration() {
        OnAirRoom room;
        room.sendTracks();
        room.sendFillers();
        room.sendSlots(room.slot(0, 0), room.slot(1, 2));
        auto resumed = Broadcast::resume(room.shared, room.kill(), room.publication, room);
        QVERIFY2(resumed.has_value(), resumed ? "" : resumed.error().message.c_str());
        const media::SlotId live = room.host->jobs.back().firstSlot;
        QVERIFY(!room.host->jobs.back().wantsFiller);
        room.sendTracks(1);
        room.host->runDue();
        QCOMPARE(room.host->jobs.size(), std::size_t(2));
        QVERIFY(room.host->jobs.back().wantsFiller);
        room.sendTracks(1);
        room.sendFillers();
        room.host->runDue();
        QCOMPARE(room.host->jobs.size(), std::size_t(2));
        room.sendSlots(live, {live.segment + 1, 2});
        QCOMPARE(room.journal.discontinuities, 1u);  // at once: it may be killed at any time
        resumed = {};
        const Remains remains = room.kill();
        for (std::size_t i = 0; i < room.plan.renditions.size(); ++i) {
            const store::MirroredRendition& rendition = remains.mirrored.renditions[i];
            QCOMPARE(rendition.filler.initName, rendition.segments.back()->initName);
        }
        QVERIFY(remains.mirrored.renditions[0].inits.size() == 2);
    }
    void aBroadcastThatWasAwayForTooLongEndsWithItsFinalPlaylist() {
        OnAirRoom room;
        room.sendTracks();
        room.sendSlots(room.slot(0, 0), room.slot(1, 2));
        Remains remains = room.kill();
        room.clock.advance(std::chrono::minutes(11));
        const auto resumed = Broadcast::resume(room.shared, std::move(remains), room.publication, room);
        QVERIFY(!resumed && resumed.error().code == ErrorCode::Timeout);
        QVERIFY(room.seen()->isEnded);
        QVERIFY(room.seen()->newest == room.slot(1, 5));
        QVERIFY(!room.isOpenInMirror());
    }
    void aJournalThatIsNotWrittenIsAnAlarmUntilItIs() {
        OnAirRoom room;
        room.settle();
        QCOMPARE(room.alarm(), QString());
        room.journalAnswer = fail(ErrorCode::Unavailable, "the database is busy");
        room.advance(Seconds(5));
        QCOMPARE(room.alarm(), "a restart would resume this broadcast as it was some time ago: the database is busy");
        room.journalAnswer = {};
        room.advance(Seconds(5));
        QCOMPARE(room.alarm(), QString());
        room.journalAnswer = fail(ErrorCode::Unavailable, "the database is busy");
        room.broadcast->end();
        room.settle();
        QCOMPARE(room.alarm(), "a restart would bring the ended broadcast back: the database is busy");
    }
    void aBroadcastThatTheJournalNeverTookWouldBeLost() {
        OnAirRoom room(test::examplePlan(), fail(ErrorCode::Unavailable, "the database is busy"));
        room.settle();
        QCOMPARE(room.alarm(), "a restart would lose this broadcast: the database is busy");
        room.journalAnswer = {};
        room.advance(Seconds(5));
        QCOMPARE(room.alarm(), QString());
    }
    void aBroadcastThatARestartBroughtBackWouldNotBeLostByTheNext() {
        OnAirRoom room;
        room.sendTracks();
        room.sendSlots(room.slot(0, 0), room.slot(1, 2));
        Remains remains = room.kill();
        room.journalAnswer = fail(ErrorCode::Unavailable, "the database is busy");
        room.broadcast = std::move(*Broadcast::resume(room.shared, std::move(remains), room.publication, room));
        room.settle();
        QCOMPARE(room.alarm(), "a restart would resume this broadcast as it was some time ago: the database is busy");
    }
    void aBroadcastThatHadEndedIsServedFromTheMirrorWithoutOpenFiles() {
        OnAirRoom room;
        room.sendTracks();
        room.sendSlots(room.slot(0, 0), room.slot(1, 2));
        room.broadcast->endNow();
        const auto resumed = Broadcast::resume(room.shared, room.kill(), room.publication, room);
        QVERIFY(!resumed && resumed.error().code == ErrorCode::Timeout);
        QVERIFY(room.seen()->isEnded);
        QVERIFY(!room.isOpenInMirror());
    }
    void aBroadcastThatEndedLongAgoIsNotServedAgain() {
        OnAirRoom room;
        room.sendTracks();
        room.sendSlots(room.slot(0, 0), room.slot(1, 2));
        room.broadcast->endNow();
        Remains remains = room.kill();
        room.clock.advance(std::chrono::minutes(61));
        const auto resumed = Broadcast::resume(room.shared, std::move(remains), room.publication, room);
        QVERIFY(!resumed && resumed.error().code == ErrorCode::NotFound);
        QVERIFY(!room.isOpenInMirror());
    }
    void afterAKillTheBroadcastBeforeStaysForAWindow() {
        OnAirRoom before;
        before.sendTracks();
        before.sendSlots(before.slot(0, 0), before.slot(1, 2));
        before.broadcast->endNow();
        Remains ended = before.kill();
        ended.entry.plan.broadcast = makeBroadcastId(before.clock.unix());
        OnAirRoom room;
        room.sendTracks();
        room.sendSlots(room.slot(0, 0), room.slot(1, 2));
        Remains running = room.kill();
        BroadcastStudio studio(room.shared, room.directory, {});
        QVERIFY(studio.resume(ended, room).error().code == ErrorCode::Timeout);
        const auto resumed = studio.resume(running, room);
        QVERIFY(resumed);
        room.settle();
        const auto entry = room.directory.find(room.plan.stream);
        QVERIFY(entry->current->plan.broadcast == room.plan.broadcast);
        QVERIFY(entry->previous && entry->previous->plan.broadcast == ended.entry.plan.broadcast);
        QVERIFY(entry->previous->isEnded);
        room.clock.advance(room.plan.window);
        studio.tick();
        QVERIFY(!room.directory.find(room.plan.stream)->previous);
    }
    void ofAStreamThatWasDeletedNothingCanBeFetchedAndNoFileIsLeft() {
        OnAirRoom room;
        room.sendTracks();
        room.sendSlots(room.slot(0, 0), room.slot(1, 2));
        BroadcastStudio studio(room.shared, room.directory, {});
        auto onAir = studio.resume(room.kill(), room);
        QVERIFY(onAir);
        room.settle();
        QVERIFY(room.seen() && std::filesystem::exists(room.root() / room.plan.stream.text()));
        (*onAir)->endNow();
        onAir->reset();
        studio.forget(room.plan.stream);
        room.settle();
        QVERIFY(!room.directory.find(room.plan.stream));
        QVERIFY(!std::filesystem::exists(room.root() / room.plan.stream.text()));
    }
    void aBroadcastThatCannotBeResumedLeavesTheOneBefore() {
        OnAirRoom room;
        room.sendTracks();
        room.sendSlots(room.slot(0, 0), room.slot(1, 2));
        room.broadcast->endNow();
        const Remains ended = room.kill();
        BroadcastStudio studio(room.shared, room.directory, {});
        QVERIFY(studio.resume(ended, room).error().code == ErrorCode::Timeout);
        Remains empty;
        empty.entry.plan = ended.entry.plan;
        empty.entry.plan.broadcast = makeBroadcastId(room.clock.unix());
        QVERIFY(!studio.resume(empty, room));
        const auto entry = room.directory.find(room.plan.stream);
        QVERIFY(entry->current->isEnded && !entry->previous && !entry->isStarting);
    }
    void anotherBootTakesTheSystemClockButNeverGoesBack() {
        OnAirRoom room;
        room.sendTracks();
        room.sendSlots(room.slot(0, 0), room.slot(1, 2));
        Remains remains = room.kill();
        remains.isSameBoot = false;
        room.clock.stepUnix(-Seconds(3600));
        auto resumed = Broadcast::resume(room.shared, std::move(remains), room.publication, room);
        QVERIFY(resumed);
        QVERIFY(room.host->jobs.back().firstSlot > room.slot(1, 2));
    }
    void fillerIsAskedForUntilEveryRenditionHasItFromOneWorker() {
        OnAirRoom room;
        room.sendTracks();
        room.sendSlots(room.slot(0, 0), room.slot(1, 1));
        room.sendFiller(0);
        room.sendFiller(1, 7);  // then it dies
        room.host->listener->onLost({transcode::LossKind::Exited, "killed"});
        room.host->runDue();
        QVERIFY(room.host->jobs.back().wantsFiller);
        room.sendTracks();
        for (std::size_t i = 0; i + 1 < room.plan.renditions.size(); ++i) room.sendFiller(i);
        room.host->listener->onLost({transcode::LossKind::Exited, "killed"});
        room.advance(Milliseconds(100));
        QVERIFY(room.host->jobs.back().wantsFiller);  // for the sound
        room.sendTracks();
        for (std::size_t i = 0; i < room.plan.renditions.size(); ++i) room.sendFiller(i);
        room.host->listener->onLost({transcode::LossKind::Exited, "killed"});
        room.advance(Milliseconds(200));
        QCOMPARE(room.host->jobs.size(), std::size_t(4));
        QVERIFY(!room.host->jobs.back().wantsFiller);
    }
    void afterASuspendTheGapIsFillerAndAnotherWorkerGoesOnAtTheNextBoundary() {
        OnAirRoom room;
        room.sendTracks();
        room.sendSlots(room.slot(0, 0), room.slot(1, 2));
        const auto before = room.seen();
        room.advance(Seconds(20));  // one tick: nothing ran in between
        room.host->runDue();
        // It was 0.5 s into segment 1, 20 s passed: live goes on with segment 12.
        QCOMPARE(room.host->jobs.size(), std::size_t(2));
        QVERIFY(room.host->jobs.back().firstSlot == room.slot(12, 0));
        QVERIFY(room.seen()->newest == room.slot(11, 5));
        for (std::size_t i = 0; i < room.plan.renditions.size(); ++i) {
            const auto& was = before->renditions[i].segments;
            const auto& is = room.seen()->renditions[i].segments;
            QCOMPARE(is.size(), std::size_t(12));
            QVERIFY(std::ranges::equal(was[1]->parts[1].bytes.view(), is[1]->parts[1].bytes.view()));
            QVERIFY(!asText(room.seen()->renditions[i].playlist.plain.view()).contains("DISCONTINUITY\n"));
        }
        room.sendTracks();
        room.sendSlots(room.slot(12, 0), room.slot(12, 2));
        QVERIFY(room.seen()->newest == room.slot(12, 1));
    }
    void theStartOfABroadcastWithLongSegmentsIsNoSuchGap_data() {
        QTest::addColumn<double>("speed");  // of encoding, against real time
        QTest::newRow("1.2") << 1.2;
        QTest::newRow("1.5") << 1.5;
    }
    void theStartOfABroadcastWithLongSegmentsIsNoSuchGap() {
        QFETCH(double, speed);
        media::BroadcastPlan plan = test::examplePlan();
        plan.grid = media::Grid(Seconds(10), LatencyProfile::Low, plan.grid.rate());
        plan.window = Seconds(80);
        OnAirRoom room(plan);
        room.sendTracks();
        room.clock.advance(Seconds(8));  // 18.5 s behind
        media::SlotId next = room.slot(0, 0);
        while (plan.grid.partStart(plan.grid.video(), next) < room.outputNow()) {
            room.advance(Nanoseconds(std::llround(1e9 / 3 / speed)));
            room.send(next, plan.grid.next(next));
            next = plan.grid.next(next);
        }
        QVERIFY(next > room.slot(3, 0));
        QCOMPARE(room.host->jobs.size(), std::size_t(1));
        room.advance(Seconds(11));
        QCOMPARE(room.host->jobs.size(), std::size_t(2));
    }
    void aStartThatComesToAHaltIsSuchAGap() {
        media::BroadcastPlan plan = test::examplePlan();
        plan.grid = media::Grid(Seconds(10), LatencyProfile::Low, plan.grid.rate());
        plan.window = Seconds(80);
        OnAirRoom room(plan);
        room.sendTracks();
        room.clock.advance(Seconds(8));
        room.sendSlots(room.slot(0, 0), room.slot(1, 1));
        room.advance(Seconds(21));
        QCOMPARE(room.host->jobs.size(), std::size_t(1));
        room.advance(Seconds(2));
        QCOMPARE(room.host->jobs.size(), std::size_t(2));
    }
    void whatAWorkerCanMakeUpForIsLeftToIt() {
        OnAirRoom room;
        room.sendTracks();
        room.sendSlots(room.slot(0, 0), room.slot(1, 2));
        room.advance(Seconds(9));
        QCOMPARE(room.host->jobs.size(), std::size_t(1));
        room.sendSlots(room.slot(1, 2), room.slot(5, 4));
        QVERIFY(room.seen()->newest == room.slot(5, 3));
    }
    void aDiskThatTookNothingIsAnAlarmForAsLongAsThatIsListed() {
        OnAirRoom room;
        room.settle();
        std::filesystem::remove_all(room.root() / room.plan.stream.text());
        std::ofstream(room.root() / room.plan.stream.text()) << "in the way";
        room.sendTracks();
        room.sendSlots(room.slot(0, 0), room.slot(1, 1));
        QVERIFY(room.alarm().startsWith("some of what is listed would be filler after a restart: "));
        QVERIFY(room.seen()->newest == room.slot(1, 0));
        std::filesystem::remove(room.root() / room.plan.stream.text());
        std::filesystem::create_directories(room.root() / room.plan.stream.text() / room.plan.broadcast.text());
        for (const media::Rendition& rendition : room.plan.renditions)
            std::filesystem::create_directory(room.root() / room.plan.stream.text() / room.plan.broadcast.text() /
                                              rendition.id.text());
        room.sendTracks();
        const int window = static_cast<int>(room.plan.window / room.plan.grid.segmentDuration());
        room.sendSlots(room.slot(1, 1), room.slot(1 + window, 0));
        QVERIFY(room.alarm().contains("filler after a restart"));
        room.sendSlots(room.slot(1 + window, 0), room.slot(2 + window, 1));
        QCOMPARE(room.alarm(), QString());
    }
    void aDiskThatStandsIsAnAlarmToo() {
        OnAirRoom room;
        room.sendTracks();
        room.sendSlots(room.slot(0, 0), room.slot(1, 1));
        std::promise<void> moves;
        room.mirror->commit(makeBroadcastId({}), {}, [&](Result<void>) { moves.get_future().wait(); });
        room.send(room.slot(1, 1), room.slot(1, 2));
        room.clock.advance(Milliseconds(900));
        room.broadcast->tick();
        QCOMPARE(room.alarm(), QString());
        room.clock.advance(Milliseconds(200));
        room.broadcast->tick();
        QVERIFY(room.alarm().endsWith("the disk does not answer"));
        moves.set_value();
        room.settle();
        QCOMPARE(room.alarm(), QString());
    }
    void aSteppedSystemClockRaisesAnAlarmAndMovesNothing() {
        OnAirRoom room;
        room.clock.stepUnix(Seconds(3600));
        room.broadcast->tick();
        StreamStats stats;
        room.broadcast->describe(stats);
        QCOMPARE(stats.alarms.size(), std::size_t(1));
        room.clock.stepUnix(-Seconds(3600));
        room.broadcast->tick();
        StreamStats after;
        room.broadcast->describe(after);
        QCOMPARE(after.alarms.size(), std::size_t(0));
    }
};
LIVE_TEST(BroadcastTest)

#include "broadcast_test.moc"
