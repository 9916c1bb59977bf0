#include "tests/support/test_main.h"

#include <map>

#include "server/transcode/link/supervisor.h"
#include "tests/support/plans.h"

using namespace live;
using namespace live::transcode;
using media::MediaKind;
using media::SlotId;

namespace {

constexpr std::int64_t kFirst = 891'406'812;

QString nameOf(const Record& record) {
    if (const auto* published = std::get_if<Published>(&record))
        return QString("published%1").arg(published->slot.part);
    if (const auto* stop = std::get_if<Stop>(&record)) return QString("stop%1").arg(stop->lastSegment - kFirst);
    if (const auto* input = std::get_if<InputPacket>(&record)) return QString("packet%1").arg(input->packet.pts);
    if (std::holds_alternative<InputTrack>(record)) return "track";
    if (std::holds_alternative<InputLost>(record)) return "lost";
    return "?";
}

// Workers that do nothing but remember, and virtual time.
struct FakeHost final : WorkerHost {
    struct FakeWorker final : Worker {
        FakeWorker(FakeHost& owner, std::int64_t id) : host(owner), number(id) { ++host.alive; }
        ~FakeWorker() override { --host.alive; }
        void send(Record record) override { host.sent += nameOf(record); }
        std::int64_t pid() const override { return number; }
        FakeHost& host;
        std::int64_t number;
    };

    Result<std::unique_ptr<Worker>> start(Job job, WorkerListener& listener) override {
        jobs.push_back(std::move(job));
        sent.clear();
        if (canSpawn == 0) return fail(ErrorCode::Io, "no process");
        current = &listener;
        return std::make_unique<FakeWorker>(*this, static_cast<std::int64_t>(jobs.size()));
    }
    void schedule(Nanoseconds delay, std::move_only_function<void()> action) override {
        actions.emplace(time + delay, std::move(action));
    }
    BootTime now() const override { return time; }

    void run(Nanoseconds span = {}) {
        const BootTime end = time + span;
        while (!actions.empty() && actions.begin()->first <= end) {
            auto next = actions.extract(actions.begin());
            time = std::max(time, next.key());
            next.mapped()();
        }
        time = end;
    }
    void lose() { current->onLost({LossKind::Exited, "worker died"}); }

    BootTime time{Seconds(1000)};
    std::multimap<BootTime, std::move_only_function<void()>> actions;
    std::vector<Job> jobs;
    QStringList sent;  // to the current worker
    WorkerListener* current = nullptr;
    int alive = 0;
    int canSpawn = 1;
};

struct Heard final : SupervisorListener {
    void onOutputTrack(OutputTrack) override { all += "track"; }
    void onOutputPacket(OutputPacket) override { all += "packet"; }
    void onWorkerEvent(Event) override { all += "event"; }
    void onHeartbeat(Heartbeat) override { all += "heartbeat"; }
    void onRestart(const Restart& restart) override {
        all += QString("restart%1").arg(restart.count);
        last = restart;
        if (destroys) destroys->reset();
    }
    void onInputDropped(std::uint64_t total) override { all += QString("dropped%1").arg(total); }
    void onGivenUp(const WorkerLoss&) override { all += "given-up"; }
    void onStopped(bool isComplete) override { all += isComplete ? "complete" : "incomplete"; }

    QStringList all;
    Restart last;
    std::unique_ptr<Supervisor>* destroys = nullptr;
};

media::Packet keyFrame(std::int64_t ms) {
    return {.kind = MediaKind::Video,
            .isKey = true,
            .pts = ms,
            .dts = ms,
            .arrival = OutputTime(Milliseconds(ms)),
            .data = Buffer(Bytes{1})};
}

struct Scene {
    FakeHost host;
    Heard heard;
    std::unique_ptr<Supervisor> supervisor = std::make_unique<Supervisor>(host, heard);

    Scene() {
        supervisor->start(
            {.plan = test::examplePlan(kFirst), .firstSlot = {kFirst, 0}, .wantsFiller = true, .checkpoint = {}});
    }
    void loseAndWait(Nanoseconds span) {
        host.lose();
        host.run(span);
    }
};

}  // namespace

class SupervisorTest : public QObject {
    Q_OBJECT
private slots:
    void inputAndPublishedSlotsGoToTheWorker() {
        Scene scene;
        scene.supervisor->input(media::Track{});
        scene.supervisor->input(keyFrame(0));
        scene.supervisor->published({kFirst, 0});
        scene.supervisor->inputLost();
        QCOMPARE(scene.host.sent.join(' '), QString("track packet0 published0 lost"));
        QCOMPARE(scene.supervisor->workerPid(), std::int64_t(1));
    }
    void outputReachesTheListener() {
        Scene scene;
        scene.host.current->onRecord(OutputTrack{});
        scene.host.current->onRecord(OutputPacket{});
        scene.host.current->onRecord(Heartbeat{});
        scene.host.current->onRecord(Event{});
        scene.host.current->onRecord(Checkpoint{});
        QCOMPARE(scene.heard.all.join(' '), QString("track packet heartbeat event"));
    }
    void aLostWorkerIsReplacedAtOnceAfterTheLastPublishedSlotWithTheCachedInput() {
        Scene scene;
        scene.supervisor->input(media::Track{});
        scene.supervisor->input(keyFrame(0));
        scene.supervisor->input(keyFrame(40));
        scene.supervisor->published({kFirst, 5});
        scene.host.lose();
        QCOMPARE(scene.heard.all.join(' '), QString("restart1"));
        QVERIFY(scene.heard.last.firstSlot == (SlotId{kFirst + 1, 0}) && scene.heard.last.hasPicture);
        QCOMPARE(scene.host.jobs.size(), std::size_t(2));
        QVERIFY(scene.host.jobs[1].firstSlot == (SlotId{kFirst + 1, 0}));
        QCOMPARE(scene.host.sent.join(' '), QString("track packet40"));
        QCOMPARE(scene.host.alive, 1);
        QCOMPARE(scene.supervisor->restarts(), std::uint32_t(1));
    }
    void aWorkerLostBeforeAnythingWasPublishedBeginsWhereTheFirstOneDid() {
        Scene scene;
        scene.host.lose();
        QVERIFY(scene.host.jobs[1].firstSlot == (SlotId{kFirst, 0}));
        QVERIFY(scene.host.jobs[1].wantsFiller);
    }
    void fillerThatHasComeIsNotAskedForAgain() {
        Scene scene;
        scene.supervisor->fillerReceived();
        scene.host.lose();
        QVERIFY(!scene.host.jobs[1].wantsFiller);
    }
    void fillerIsMadeAnewByTheNextWorkerWhenItIsWanted() {
        Scene scene;
        scene.supervisor->fillerReceived();
        scene.supervisor->wantFiller();
        scene.host.lose();
        QVERIFY(scene.host.jobs[1].wantsFiller);
    }
    void theCheckpointOfTheLastPublishedSlotGoesToEveryNextWorker() {
        Scene scene;
        for (std::int32_t part = 0; part < 4; ++part)
            scene.host.current->onRecord(Checkpoint{.slot = {kFirst, part}, .driftPpb = 100 + part});
        scene.supervisor->published({kFirst, 2});
        scene.loseAndWait({});
        QVERIFY(scene.host.jobs[1].checkpoint && scene.host.jobs[1].checkpoint->driftPpb == 102);
        scene.host.current->onRecord(Checkpoint{.slot = {kFirst, 3}, .driftPpb = 900});
        scene.loseAndWait(Seconds(1));
        QCOMPARE(scene.host.jobs[2].checkpoint->driftPpb, 102);
        scene.host.current->onRecord(Checkpoint{.slot = {kFirst, 3}, .driftPpb = 900});
        scene.supervisor->published({kFirst, 3});
        scene.loseAndWait(Seconds(1));
        QCOMPARE(scene.host.jobs[3].checkpoint->driftPpb, 900);
        scene.supervisor->published({kFirst, 4});
        scene.loseAndWait(Seconds(1));
        QVERIFY(!scene.host.jobs[4].checkpoint);
    }
    void furtherLossesWaitLongerAndTheFifthGivesUpButGoesOnTrying() {
        Scene scene;
        scene.host.lose();
        QCOMPARE(scene.host.jobs.size(), std::size_t(2));
        for (int wait : {100, 200, 400}) {
            const std::size_t before = scene.host.jobs.size();
            scene.host.lose();
            QCOMPARE(scene.supervisor->workerPid(), std::int64_t(0));
            scene.host.run(Milliseconds(wait - 1));
            QCOMPARE(scene.host.jobs.size(), before);
            scene.host.run(Milliseconds(1));
            QCOMPARE(scene.host.jobs.size(), before + 1);
        }
        scene.host.lose();
        QVERIFY(scene.heard.all.contains("given-up"));
        scene.host.run(Milliseconds(4999));
        QCOMPARE(scene.host.jobs.size(), std::size_t(5));
        scene.host.run(Milliseconds(1));
        QCOMPARE(scene.host.jobs.size(), std::size_t(6));
        scene.loseAndWait(Seconds(5));
        QCOMPARE(scene.host.jobs.size(), std::size_t(7));
        QCOMPARE(scene.heard.all.count("given-up"), 1);
    }
    void aWorkerThatLivedForHalfAMinuteStartsANewCount() {
        Scene scene;
        for (int i = 0; i < 5; ++i) scene.loseAndWait(Seconds(5));
        QCOMPARE(scene.heard.all.count("given-up"), 1);
        scene.host.run(Seconds(31));
        const std::size_t before = scene.host.jobs.size();
        scene.host.lose();
        QCOMPARE(scene.host.jobs.size(), before + 1);
        QCOMPARE(scene.heard.all.count("given-up"), 1);
    }
    void inputThatMayKillWorkersIsLeftOutAfterTheThirdLoss() {
        Scene scene;
        scene.supervisor->input(media::Track{});
        scene.supervisor->input(keyFrame(0));
        scene.loseAndWait(Seconds(1));
        scene.loseAndWait(Seconds(1));
        QCOMPARE(scene.host.sent.join(' '), QString("track packet0"));
        scene.loseAndWait(Seconds(1));
        QCOMPARE(scene.host.sent.join(' '), QString("track"));
        QVERIFY(!scene.heard.last.hasPicture);
    }
    void inputThatComesWhileThereIsNoWorkerIsReplayed() {
        Scene scene;
        scene.host.lose();
        scene.host.lose();
        scene.supervisor->input(keyFrame(7));
        scene.supervisor->published({kFirst, 1});
        scene.host.run(Milliseconds(100));
        QCOMPARE(scene.host.sent.join(' '), QString("packet7"));
        QVERIFY(scene.host.jobs.back().firstSlot == (SlotId{kFirst, 2}));
    }
    void aWorkerThatCannotBeStartedCountsAsLost() {
        FakeHost host;
        Heard heard;
        host.canSpawn = 0;
        Supervisor supervisor(host, heard);
        supervisor.start({.plan = test::examplePlan(kFirst), .firstSlot = {kFirst, 0}, .checkpoint = {}});
        QVERIFY(heard.all.isEmpty());
        host.run(Seconds(2));
        QCOMPARE(heard.all.join(' '), QString("restart1 restart2 restart3 restart4 given-up"));
        QVERIFY(heard.last.loss.kind == LossKind::SpawnFailed);
        host.canSpawn = 1;
        host.run(Seconds(5));
        QCOMPARE(host.alive, 1);
    }
    void stopEndsWhenTheLastSlotIsPublished() {
        Scene scene;
        scene.supervisor->stop(kFirst + 1);
        scene.supervisor->input(keyFrame(0));
        QCOMPARE(scene.host.sent.join(' '), QString("stop1"));
        scene.supervisor->published({kFirst + 1, 4});
        scene.host.run(Seconds(1));
        QVERIFY(scene.heard.all.isEmpty());
        scene.supervisor->published({kFirst + 1, 5});
        QVERIFY(scene.heard.all.isEmpty());
        scene.host.run();
        QCOMPARE(scene.heard.all.join(' '), QString("complete"));
        QCOMPARE(scene.host.alive, 0);
        scene.host.run(Seconds(60));
        QCOMPARE(scene.heard.all.size(), 1);
    }
    void aStopBeforeTheFirstSlotHasNothingToWaitFor() {
        Scene scene;
        scene.supervisor->stop(kFirst - 1);
        scene.host.run();
        QCOMPARE(scene.heard.all.join(' '), QString("complete"));
    }
    void aWorkerThatExitsAfterItsLastPacketsIsNotReplacedWhileTheyArePublished() {
        Scene scene;
        scene.supervisor->stop(kFirst);
        scene.host.lose();
        scene.host.run(Milliseconds(20));
        scene.supervisor->published({kFirst, 5});
        scene.host.run(Seconds(1));
        QCOMPARE(scene.heard.all.join(' '), QString("complete"));
        QCOMPARE(scene.host.jobs.size(), std::size_t(1));
    }
    void aWorkerLostWhileStoppingIsReplacedAndToldToStop() {
        Scene scene;
        scene.supervisor->input(keyFrame(0));
        scene.supervisor->stop(kFirst);
        scene.loseAndWait(Milliseconds(250));
        QCOMPARE(scene.host.sent.join(' '), QString("packet0 stop0"));
        scene.supervisor->published({kFirst, 5});
        scene.host.run();
        QCOMPARE(scene.heard.all.join(' '), QString("restart1 complete"));
    }
    void aStopThatWorkersDoNotSurviveEnds() {
        Scene scene;
        scene.supervisor->stop(kFirst);
        for (int i = 0; i < 5; ++i) scene.loseAndWait(Milliseconds(500));
        QCOMPARE(scene.heard.all.last(), QString("incomplete"));
        QCOMPARE(scene.host.alive, 0);
    }
    void aStopThatIsNeverFinishedEndsAfterFifteenSeconds() {
        Scene scene;
        scene.supervisor->stop(kFirst);
        scene.host.run(Milliseconds(14'999));
        QVERIFY(scene.heard.all.isEmpty());
        scene.host.run(Milliseconds(1));
        QCOMPARE(scene.heard.all.join(' '), QString("incomplete"));
    }
    void droppedInputIsCountedOverAllWorkers() {
        Scene scene;
        scene.host.current->onInputDropped(3);
        scene.host.lose();
        scene.host.current->onInputDropped(2);
        QCOMPARE(scene.heard.all.join(' '), QString("dropped3 restart1 dropped5"));
    }
    void aWorkerWhoseOutputIsRefusedIsReplacedOnce() {
        Scene scene;
        scene.supervisor->input(keyFrame(0));
        for (int i = 0; i < 10; ++i) scene.supervisor->replaceWorker("a frame is missing");
        QVERIFY(scene.heard.all.isEmpty());
        scene.host.current->onRecord(OutputPacket{});  // what it still sends is not wanted
        scene.host.run(Seconds(1));
        QCOMPARE(scene.heard.all.join(' '), QString("restart1"));
        QCOMPARE(QString::fromStdString(scene.heard.last.loss.message), QString("a frame is missing"));
        QCOMPARE(scene.host.jobs.size(), std::size_t(2));
        scene.host.current->onRecord(OutputPacket{});
        QCOMPARE(scene.heard.all.last(), QString("packet"));
        scene.supervisor->replaceWorker("again");
        scene.host.run(Seconds(1));
        QCOMPARE(scene.host.jobs.size(), std::size_t(3));
    }
    void theListenerMayDestroyTheSupervisor() {
        Scene scene;
        scene.heard.destroys = &scene.supervisor;
        scene.host.lose();
        scene.host.run(Seconds(60));
        QCOMPARE(scene.host.alive, 0);
        QCOMPARE(scene.host.jobs.size(), std::size_t(1));
    }
};
LIVE_TEST(SupervisorTest)

#include "supervisor_test.moc"
