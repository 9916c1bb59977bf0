// A ladder that no machine can encode in real time: what is left out, what never is, and that it comes back.
#include "tests/support/test_main.h"

#include <condition_variable>
#include <mutex>
#include <thread>

#include "tests/integration/worker/worker_process.h"
#include "tests/integration/worker/worker_run.h"

using namespace live;
using namespace live::test;
using namespace live::transcode;

namespace {

constexpr std::size_t kTop = 0, kLowest = 1, kAudio = 2;

// 2160p60 of noise takes one thread several times as long as it lasts; 180p hardly anything.
media::BroadcastPlan hopelessPlan() {
    media::BroadcastPlan plan = smallPlan({60, 1}, 3840, 2160);
    plan.renditions[kTop].bitrate = 60'000'000;
    plan.renditions[kTop].maxBitrate = plan.renditions[kTop].vbvBits = 75'000'000;
    plan.renditions[kLowest].width = 320;
    plan.renditions[kLowest].height = 180;
    plan.renditions[kLowest].id = *RenditionId::parse("v180");
    return plan;
}

// A publisher for `length`, then nobody; the server's clock all the time.
void feed(WorkerProcess& worker, const MediaFile& file, Nanoseconds length, const std::stop_token& stop) {
    const SystemClock clock;
    const BootTime begin = clock.boot();
    for (const media::Track& track : file.tracks) worker.send(InputTrack{track});
    std::size_t next = 0;
    bool isLost = false;
    std::mutex mutex;
    std::condition_variable_any pace;  // real time is what overloads a worker; a stop ends the wait
    std::unique_lock lock(mutex);
    while (!stop.stop_requested()) {
        worker.send(clockOf(clock));
        const Nanoseconds played = clock.boot() - begin;
        for (; played < length && next < file.packets.size(); ++next) {
            media::Packet packet = file.packets[next];
            if (Milliseconds(packet.dts) > played) break;
            packet.arrival = OutputTime(clock.unix().time_since_epoch());
            worker.send(InputPacket{std::move(packet)});
        }
        if (played >= length && !std::exchange(isLost, true)) worker.send(InputLost{});
        pace.wait_for(lock, stop, Milliseconds(10), [] { return false; });
    }
}

}  // namespace

class WorkerOverloadTest : public QObject {
    Q_OBJECT
private slots:
    void theTopRungIsLeftOutAndComesBackWhileTheLowestAndTheSoundAreWhole() {
        const MediaFile noise =
            makeMedia({"-f", "lavfi", "-i", "nullsrc=s=640x360:r=60:d=6,geq=random(1)*255:128:128", "-f", "lavfi", "-i",
                       "sine=d=6", "-c:v", "libx264", "-preset", "ultrafast", "-b:v", "8M", "-g", "60", "-c:a", "aac"});
        const SystemClock clock;
        Job job;
        job.plan = hopelessPlan();
        job.firstSlot = {job.plan.grid.slotAt(OutputTime(clock.unix().time_since_epoch())).segment - 1, 0};
        job.plan.firstSegment = job.firstSlot.segment;

        WorkerProcess worker;
        worker.send(Hello{});
        worker.send(job);
        std::jthread publisher([&](const std::stop_token& stop) { feed(worker, noise, Seconds(6), stop); });

        std::vector<std::int64_t> next;
        for (std::size_t i = 0; i < job.plan.renditions.size(); ++i)
            next.push_back(job.plan.grid.firstFrame(job.plan.track(i), job.firstSlot));
        bool isShed = false, isRestored = false, isBackWithKey = false;
        const BootTime deadline = clock.boot() + Seconds(60);
        while (!isBackWithKey && clock.boot() < deadline) {
            const std::optional<Record> record = worker.receive();
            QVERIFY2(record, "the worker ended");
            if (const auto* event = std::get_if<Event>(&*record)) {
                QVERIFY2(event->kind != Event::Kind::Failed, event->message.c_str());
                if (event->kind == Event::Kind::ShedRendition) {
                    QCOMPARE(std::size_t{event->rendition}, kTop);
                    isShed = true;
                }
                if (event->kind == Event::Kind::Restored) isRestored = isShed;
            }
            const auto* packet = std::get_if<OutputPacket>(&*record);
            if (!packet) continue;
            if (packet->rendition == kTop) {
                if (isRestored) isBackWithKey = packet->isKey;
                continue;
            }
            QCOMPARE(packet->frame, next[packet->rendition]);
            next[packet->rendition] = packet->frame + packet->frameCount;
        }
        publisher.request_stop();
        publisher.join();
        QVERIFY2(isShed, "nothing was left out");
        QVERIFY2(isBackWithKey, "the rung did not come back");
        const auto played = [&](std::size_t rendition) {
            return job.plan.track(rendition).start(next[rendition]) - job.plan.grid.segmentStart(job.firstSlot.segment);
        };
        QVERIFY(played(kLowest) > Seconds(10));
        QVERIFY(played(kAudio) > Seconds(10));
    }
};

LIVE_TEST(WorkerOverloadTest)
#include "overload_test.moc"
