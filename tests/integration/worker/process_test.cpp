#include "tests/support/test_main.h"

#include "server/transcode/worker/run.h"
#include "tests/integration/worker/worker_process.h"
#include "tests/integration/worker/worker_run.h"

using namespace live;
using namespace live::test;
using namespace live::transcode;

namespace {

Job jobOf(const SystemClock& clock) {
    Job job;
    job.plan = smallPlan({30, 1}, 320, 180);
    job.firstSlot = {job.plan.grid.slotAt(OutputTime(clock.unix().time_since_epoch())).segment - 1, 0};
    job.plan.firstSegment = job.firstSlot.segment;
    return job;
}

}  // namespace

class WorkerProcessTest : public QObject {
    Q_OBJECT
private slots:
    void saysHelloFirstAndEndsWithItsLink() {
        WorkerProcess child;
        const std::optional<Record> first = child.receive();
        QVERIFY(first && std::holds_alternative<Hello>(*first));
        QCOMPARE(std::get<Hello>(*first).version, kLinkVersion);
        QVERIFY(std::get<Hello>(*first).pid > 0);
        child.hangUp();
        QCOMPARE(child.exitStatus(), int{worker::kRunEnded});
    }

    void endsAtOnceWhenItsParentIsAnother() {
        WorkerProcess child(1);
        QCOMPARE(child.exitStatus(), int{worker::kRunEnded});
        QVERIFY(!child.receive());
    }

    void refusesAServerOfAnotherVersion() {
        WorkerProcess child;
        child.send(Hello{.version = kLinkVersion + 1, .pid = 1, .build = "other"});
        QCOMPARE(child.exitStatus(), int{worker::kRunRefused});
    }

    void endsOnBytesThatAreNoRecords() {
        WorkerProcess child;
        child.sendBytes(Bytes(64, 0xff));
        QCOMPARE(child.exitStatus(), int{worker::kRunProtocol});
    }

    void endsOnAJobBeforeTheHello() {
        WorkerProcess child;
        child.send(jobOf(SystemClock()));
        QCOMPARE(child.exitStatus(), int{worker::kRunProtocol});
    }

    void endsOnAPlanThatTheLinkDoesNotAllow() {
        Job job = jobOf(SystemClock());
        job.plan.renditions.pop_back();
        WorkerProcess child;
        child.send(Hello{});
        child.send(job);
        QCOMPARE(child.exitStatus(), int{worker::kRunProtocol});
    }

    void endsWhileABroadcastRuns() {
        const SystemClock clock;
        WorkerProcess child;
        child.send(Hello{});
        child.send(jobOf(clock));
        child.send(clockOf(clock));
        while (const std::optional<Record> record = child.receive()) {
            if (std::holds_alternative<OutputPacket>(*record)) break;
        }
        child.hangUp();
        QCOMPARE(child.exitStatus(), int{worker::kRunEnded});
    }

    void backfillsWithoutInputAndFinishesTheSegmentOnStop() {
        const SystemClock clock;
        const Job job = jobOf(clock);
        WorkerProcess child;
        child.send(Hello{});
        child.send(job);
        child.send(clockOf(clock));
        std::vector<std::int64_t> last(3, -1);
        bool hasStopped = false;
        const std::int64_t lastSegment = job.firstSlot.segment + 1;
        while (const std::optional<Record> record = child.receive()) {
            if (const auto* packet = std::get_if<OutputPacket>(&*record)) last[packet->rendition] = packet->frame;
            if (std::holds_alternative<Checkpoint>(*record) && !std::exchange(hasStopped, true))
                child.send(Stop{lastSegment});
        }
        QCOMPARE(child.exitStatus(), int{worker::kRunEnded});
        for (std::size_t i = 0; i < last.size(); ++i) {
            QCOMPARE(last[i] + 1, job.plan.grid.firstFrame(job.plan.track(i), media::SlotId{lastSegment + 1, 0}));
        }
    }
};

LIVE_TEST(WorkerProcessTest)
#include "process_test.moc"
