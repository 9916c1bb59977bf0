#include "tests/support/test_main.h"

#include "tests/integration/worker/worker_run.h"

using namespace live;
using namespace live::test;
using namespace live::transcode;

namespace {

MediaFile clip(const char* picture = "testsrc2=size=640x360:rate=30", double seconds = 4) {
    return makeMedia(
        {"-f",   "lavfi",   "-i",       QString("%1:duration=%2").arg(picture).arg(seconds),
         "-f",   "lavfi",   "-i",       QString("sine=frequency=440:sample_rate=48000:duration=%1").arg(seconds),
         "-c:v", "libx264", "-preset",  "ultrafast",
         "-g",   "30",      "-pix_fmt", "yuv420p",
         "-c:a", "aac",     "-ac",      "2"});
}

}  // namespace

class WorkerTest : public QObject {
    Q_OBJECT
private slots:
    void everyRenditionTilesTheGridFromTheFirstSlotOn() {
        WorkerRun run;
        const Job job = run.startJob();
        run.start(job);
        run.play(clip());
        run.pass(Milliseconds(300));
        for (std::size_t rendition : {0U, 1U, 2U}) {
            QCOMPARE(run.gridErrors(rendition, job.firstSlot), QString());
            const OutputPacket last = run.packets(rendition).back();
            const OutputTime end = run.plan().track(rendition).start(last.frame + 1);
            QVERIFY(run.now() - end < Milliseconds(40));
        }
        QVERIFY(run.events(Event::Kind::InputBad).empty());
        QCOMPARE(run.events(Event::Kind::FirstFrame).size(), std::size_t{1});
        const Heartbeat heartbeat = run.lastHeartbeat();
        QVERIFY(heartbeat.decodedFrames >= 118);
        QCOMPARE(heartbeat.droppedFrames, std::uint64_t{0});
        QCOMPARE(heartbeat.decodeErrors, std::uint64_t{0});
    }
};

LIVE_TEST(WorkerTest)
#include "worker_test.moc"
