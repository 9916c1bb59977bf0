#include "tests/support/test_main.h"

#include <algorithm>
#include <cmath>

#include "common/av/frame_pool.h"
#include "server/media/h264.h"
#include "server/transcode/worker/slate.h"
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

// The packets of [from, to) by arrival, each when it arrived or `apart` after the one before, whichever is later.
void sendAsItCame(WorkerRun& run, const MediaFile& file, OutputTime from, OutputTime to, Nanoseconds apart = {}) {
    for (const media::Packet& packet : file.packets) {
        if (packet.arrival < from || packet.arrival >= to) continue;
        run.pass(std::max(packet.arrival - run.now(), apart));
        run.send(InputPacket{packet});
    }
}

// A worker that takes over and is sent the clip that a cache kept: its job and the clip, tracks sent, packets not.
std::pair<Job, MediaFile> startReplacement(WorkerRun& run) {
    Job job = run.startJob();
    job.checkpoint = Checkpoint{};
    run.start(job);
    MediaFile file = clip("testsrc2=size=320x180:rate=30", 2);
    run.sendTracks(file);
    return {std::move(job), std::move(file)};
}

}  // namespace

class WorkerTest : public QObject {
    Q_OBJECT
private slots:
    void initTestCase() { av::silenceLibraries(); }

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
        QVERIFY(run.events(Event::Kind::FirstFrame)[0].message.find(" yuv420p") != std::string::npos);
        const Heartbeat heartbeat = run.lastHeartbeat();
        QVERIFY(heartbeat.decodedFrames >= 118);
        QCOMPARE(heartbeat.droppedFrames, std::uint64_t{0});
        QCOMPARE(heartbeat.decodeErrors, std::uint64_t{0});
    }

    void theFirstSegmentIsBackFilledAtOnceWithTheFirstPicture() {
        WorkerRun run(smallPlan({30, 1}, 320, 180));
        const Job job = run.startJob();
        run.start(job);
        run.pass(Milliseconds(50));
        QVERIFY(run.packets(0).empty());
        MediaFile file = clip("color=white:size=320x180:rate=30", 1);
        file.packets.resize(5);
        run.play(file);
        run.pass(Milliseconds(10));
        for (std::size_t rendition : {0U, 1U, 2U}) QCOMPARE(run.gridErrors(rendition, job.firstSlot), QString());
        QVERIFY(run.now() - run.plan().track(0).start(run.packets(0).back().frame) < Milliseconds(34));
        QVERIFY(meanColour(*run.decode(0).front().picture, 100, 50, 100, 50).y > 200);
        QVERIFY(run.checkpoints().size() >= 6);
        QVERIFY(run.checkpoints().front().slot == job.firstSlot);
        QVERIFY(run.checkpoints().front().hasInput);
    }

    void withoutInputItStartsAfter300MillisecondsWithTheSlate() {
        WorkerRun run(smallPlan({30, 1}, 320, 180));
        const Job job = run.startJob();
        run.start(job);
        run.pass(Milliseconds(290));
        QVERIFY(run.packets(0).empty());
        run.pass(Milliseconds(20));
        for (std::size_t rendition : {0U, 1U, 2U}) QCOMPARE(run.gridErrors(rendition, job.firstSlot), QString());
        const auto shown = run.decode(1);
        av::FramePool pool(shown.front().picture->width, shown.front().picture->height);
        const av::FramePtr slate = pool.take();
        worker::drawSlate(*slate);
        const double wanted = meanColour(*slate, 20, 20, 40, 40).y;
        QVERIFY(wanted > 18);  // not black
        QVERIFY(std::abs(meanColour(*shown.front().picture, 20, 20, 40, 40).y - wanted) < 4);
    }

    void twoWorkersOfOnePlanSpliceWithoutASeam() {
        WorkerRun run(smallPlan({30, 1}, 320, 180));
        const Job job = run.startJob();
        run.start(job);
        const MediaFile file = clip("testsrc2=size=320x180:rate=30", 4);
        run.play(file);
        const Checkpoint last = run.checkpoints().back();
        std::vector<Buffer> configurations;
        for (std::size_t rendition : {0U, 1U, 2U}) configurations.push_back(run.configuration(rendition));

        Job next = job;
        next.firstSlot = job.plan.grid.next(last.slot);
        next.checkpoint = last;
        const OutputTime ended = run.now();
        run.pass(Milliseconds(400));
        run.replace(next);
        // What a cache keeps: everything since the last key frame, with the arrivals of then.
        run.sendTracks(file);
        for (media::Packet packet : file.packets) {
            packet.arrival = ended - Milliseconds(file.packets.back().dts - packet.dts);
            if (packet.dts >= 3000 || packet.kind == media::MediaKind::Audio) run.send(InputPacket{packet});
        }
        run.pass(Milliseconds(600));
        for (std::size_t rendition : {0U, 1U, 2U}) {
            QVERIFY(std::ranges::equal(run.configuration(rendition).view(), configurations[rendition].view()));
            QCOMPARE(run.gridErrors(rendition, next.firstSlot), QString());
        }
        QVERIFY(!run.checkpoints().empty());
        // The same input is shown at the same output time by both.
        const Checkpoint now = run.checkpoints().back();
        const std::int64_t moved =
            (now.outputAnchorNs - now.inputAnchorNs) - (last.outputAnchorNs - last.inputAnchorNs);
        QVERIFY2(std::abs(moved) < 2'000'000, qPrintable(QString::number(moved)));
    }

    // A loaded host, or 10 s of a high bitrate: the replay takes longer to come than a picture of it.
    void aReplayThatComesSlowlyLosesNoSound() {
        WorkerRun run(smallPlan({30, 1}, 320, 180));
        const Job job = run.startJob();
        run.start(job);
        MediaFile file = clip("testsrc2=size=320x180:rate=30", 6);
        const OutputTime began = run.now();
        for (media::Packet& packet : file.packets) packet.arrival = began + Milliseconds(packet.dts);
        run.sendTracks(file);
        sendAsItCame(run, file, began, began + Seconds(4));
        const Checkpoint last = run.checkpoints().back();
        Job next = job;
        next.firstSlot = job.plan.grid.next(last.slot);
        next.checkpoint = last;
        run.replace(next);
        run.sendTracks(file);
        std::erase_if(file.packets, [](const media::Packet& packet) {
            return packet.kind == media::MediaKind::Video && packet.dts < 3000;
        });
        // Behind the replay what came meanwhile has to wait too.
        sendAsItCame(run, file, began, OutputTime::max(), Milliseconds(3));
        for (std::size_t rendition : {0U, 1U, 2U}) QCOMPARE(run.gridErrors(rendition, next.firstSlot), QString());
        const std::vector<WorkerRun::Shown> sound = run.decode(2);
        QVERIFY(sound.size() > 60);
        for (std::size_t i = 2; i < sound.size(); ++i) {  // the first packets need those before
            double power = 0;
            for (int sample = 0; sample < 1024; ++sample)
                power += std::pow(reinterpret_cast<const float*>(sound[i].picture->data[0])[sample], 2);
            const QString figures = QStringLiteral("packet %1: %2").arg(i).arg(std::sqrt(power / 1024));
            QVERIFY2(std::sqrt(power / 1024) > 0.05, qPrintable(figures));
        }
    }

    void aReplayIsWaitedForNoLongerThanASecond() {
        WorkerRun run(smallPlan({30, 1}, 320, 180));
        const auto [job, file] = startReplacement(run);
        const OutputTime began = run.now();
        for (media::Packet packet : file.packets) {
            packet.arrival = began - Seconds(8);
            run.send(InputPacket{std::move(packet)});
            run.pass(Milliseconds(10));
            if (run.now() - began >= Milliseconds(980)) break;
            QVERIFY(run.packets(0).empty());
        }
        run.pass(Milliseconds(40));
        QCOMPARE(run.gridErrors(0, job.firstSlot), QString());
    }

    void aReplayThatEndsWithTheLossOfThePublisherIsComplete() {
        WorkerRun run(smallPlan({30, 1}, 320, 180));
        const auto [job, file] = startReplacement(run);
        for (media::Packet packet : file.packets) {
            packet.arrival = run.now() - Seconds(8);
            run.send(InputPacket{std::move(packet)});
        }
        run.pass(Milliseconds(20));
        QVERIFY(run.packets(0).empty());
        run.send(InputLost{});
        run.pass(Milliseconds(20));
        QCOMPARE(run.gridErrors(0, job.firstSlot), QString());
    }

    void aJumpOfTheTimeStampsMovesTheMappingAndNotTheOutput() {
        WorkerRun run(smallPlan({30, 1}, 320, 180));
        const Job job = run.startJob();
        run.start(job);
        MediaFile file = clip("testsrc2=size=320x180:rate=30", 4);
        run.playShifted(file, [](const media::Packet& packet) { return packet.dts >= 2000 ? 3'600'000 : 0; });
        run.pass(Milliseconds(200));
        for (std::size_t rendition : {0U, 1U, 2U}) QCOMPARE(run.gridErrors(rendition, job.firstSlot), QString());
        const std::vector<Event> events = run.events(Event::Kind::InputBad);
        QVERIFY(!events.empty() && events.size() <= 2);
        QVERIFY(QString::fromStdString(events.front().message).contains("360"));
        QVERIFY(run.lastHeartbeat().droppedFrames <= 2);
    }

    void aBacklogAtTheStartIsLeftBehindBySoundAndPictureTogether() {
        WorkerRun run(smallPlan({30, 1}, 320, 180));
        run.start();
        MediaFile file = clip("color=black:size=320x180:rate=30,geq=lum='20+N*1.5':cb=128:cr=128,trim=start=0", 4);
        run.sendTracks(file);
        const OutputTime start = run.now();
        for (media::Packet& packet : file.packets) {  // 1.5 s at once, then in real time
            packet.arrival = start + std::max<Nanoseconds>(Milliseconds(packet.dts - 1500), {});
        }
        std::ranges::stable_sort(file.packets, {}, &media::Packet::arrival);
        sendAsItCame(run, file, start, OutputTime::max());
        run.pass(Milliseconds(400));
        const std::int32_t delay = run.lastHeartbeat().inputDelayMs;
        QVERIFY2(delay > 150 && delay < 260, qPrintable(QString::number(delay)));
        const std::int64_t twoSecondsIn = run.plan().grid.video().frameAtOrBefore(start + Seconds(2));
        const std::vector<WorkerRun::Shown> shown = run.decode(0);
        const auto then = std::ranges::find(shown, twoSecondsIn, &WorkerRun::Shown::frame);
        QVERIFY(then != shown.end());
        const double luma = meanColour(*then->picture, 100, 50, 100, 50).y;
        const double expected = 20 + (2 + 1.5 - 0.2) * 30 * 1.5;
        QVERIFY2(std::abs(luma - expected) < 10, qPrintable(QString("%1, not %2").arg(luma).arg(expected)));
    }

    void aNewPublisherOfAnotherShapeIsFittedIn() {
        WorkerRun run(smallPlan({30, 1}, 320, 180));
        const Job job = run.startJob();
        run.start(job);
        run.play(clip("color=red:size=320x180:rate=30", 1.5));
        run.send(InputLost{});
        run.pass(Milliseconds(1500));
        const std::vector<WorkerRun::Shown> held = run.decode(0);
        QVERIFY(meanColour(*held.back().picture, 100, 50, 100, 50).v > 200);
        run.play(clip("color=white:size=180x320:rate=25", 1.5));
        run.pass(Milliseconds(200));
        for (std::size_t rendition : {0U, 1U, 2U}) QCOMPARE(run.gridErrors(rendition, job.firstSlot), QString());
        const std::vector<WorkerRun::Shown> shown = run.decode(0);
        QVERIFY(meanColour(*shown.back().picture, 150, 80, 20, 20).y > 200);
        QVERIFY(meanColour(*shown.back().picture, 10, 80, 20, 20).y < 30);
    }

    void stopFillsTheOpenSegmentAtOnceAndEnds() {
        WorkerRun run(smallPlan({30, 1}, 320, 180));
        const Job job = run.startJob();
        run.start(job);
        run.play(clip("testsrc2=size=320x180:rate=30", 1));
        const std::int64_t segment = run.plan().grid.slotAt(run.now()).segment;
        run.stopAndFinish();
        QVERIFY(run.isFinished());
        for (std::size_t rendition : {0U, 1U, 2U}) {
            QCOMPARE(run.gridErrors(rendition, job.firstSlot), QString());
            const media::TrackGrid track = run.plan().track(rendition);
            QCOMPARE(run.packets(rendition).back().frame + 1,
                     run.plan().grid.firstFrame(track, media::SlotId{segment + 1, 0}));
        }
        QVERIFY(run.checkpoints().back().slot == (media::SlotId{segment, 5}));
    }

    void fillerIsOneLongestSegmentOfEachRendition() {
        WorkerRun run(smallPlan({30000, 1001}, 320, 180));
        Job job = run.startJob();
        job.wantsFiller = true;
        run.start(job);
        run.pass(Milliseconds(400));
        const std::array<std::size_t, 3> counts{60, 60, 94};
        for (std::size_t rendition : {0U, 1U, 2U}) {
            const std::vector<OutputPacket> filler = run.filler(rendition);
            QCOMPARE(filler.size(), counts[rendition]);
            for (std::size_t i = 0; i < filler.size(); ++i) {
                QCOMPARE(filler[i].frame, static_cast<std::int64_t>(i));
                QCOMPARE(filler[i].isKey, i == 0 || rendition == 2);
            }
            QCOMPARE(run.gridErrors(rendition, job.firstSlot), QString());
        }
    }

    void captionsOfTheInputAreInEveryRungOnce() {
        media::BroadcastPlan plan = smallPlan({30, 1}, 320, 180);
        plan.captions = true;
        // ATSC A/53 cc_data: field 1, "HI" with parity.
        const Bytes triples{0xfc, 0xc8, 0x49, 0xfd, 0x80, 0x80};
        MediaFile file;
        Result<ffmpeg::H264Encoder> encoder = ffmpeg::H264Encoder::create(plan, 0);
        QVERIFY(encoder);
        file.tracks.push_back({media::MediaKind::Video, media::Codec::H264, encoder->configuration()});
        av::FramePool pool(320, 180);
        const av::FramePtr picture = pool.take();
        av::fillBlack(*picture);
        for (int i = 0; i < 45; ++i) {
            const bool isCaptioned = i % 3 == 0;
            Result<ffmpeg::EncodedPicture> encoded = encoder->encode(
                *picture, {.frame = i, .isKey = i == 0, .captions = isCaptioned ? ByteView(triples) : ByteView()});
            QVERIFY(encoded);
            QCOMPARE(media::h264::containsCaptions(encoded->data.view()), isCaptioned);
            media::Packet packet;
            packet.isKey = encoded->isKey;
            packet.pts = packet.dts = i * 1000 / 15;  // every picture is shown twice
            packet.data = encoded->data;
            file.packets.push_back(std::move(packet));
        }
        WorkerRun run(plan);
        run.start();
        run.play(file);
        run.pass(Milliseconds(500));
        for (std::size_t rendition : {0U, 1U}) {
            const std::vector<OutputPacket> packets = run.packets(rendition);
            QCOMPARE(std::ranges::count_if(
                         packets,
                         [](const OutputPacket& packet) { return media::h264::containsCaptions(packet.data.view()); }),
                     std::ptrdiff_t{15});
        }
    }

    void damagedPacketsAreCountedAndTheOutputGoesOn() {
        WorkerRun run(smallPlan({30, 1}, 320, 180));
        const Job job = run.startJob();
        run.start(job);
        MediaFile file = clip("testsrc2=size=320x180:rate=30", 2);
        std::uint32_t seed = 1;
        const auto random = [&seed] { return seed = seed * 1'664'525 + 1'013'904'223; };
        const auto any64 = [&random] { return static_cast<std::int64_t>(std::uint64_t{random()} << 32 | random()); };
        for (media::Packet& packet : file.packets) {
            Bytes bytes(packet.data.view().begin(), packet.data.view().end());
            for (int i = 0; i < 8 && !bytes.empty() && random() % 4 != 0; ++i)
                bytes[(random() >> 8) % bytes.size()] ^= static_cast<std::uint8_t>(random() >> 24);
            if (random() % 16 == 0) bytes.resize(bytes.size() / 2);
            if (random() % 32 == 0) bytes.clear();
            packet.data = Buffer(std::move(bytes));
            if (random() % 16 == 0) packet.pts = any64();
            if (random() % 16 == 0) packet.dts = any64();
            if (random() % 16 == 0) packet.timescale = 0;
        }
        run.playInOrder(file, Milliseconds(15));
        for (const Bytes& configuration : {Bytes{}, Bytes(40, 0xff), Bytes{1, 100, 0, 31, 0xff, 0xe1, 0xff, 0xff}}) {
            run.send(InputTrack{{media::MediaKind::Video, media::Codec::H264, Buffer(configuration)}});
            run.send(InputTrack{{media::MediaKind::Audio, media::Codec::Aac, Buffer(configuration)}});
            run.playInOrder(file, Milliseconds(1));
        }
        run.pass(Milliseconds(600));
        for (std::size_t rendition : {0U, 1U, 2U}) QCOMPARE(run.gridErrors(rendition, job.firstSlot), QString());
        QVERIFY(run.lastHeartbeat().decodeErrors > 0);
        QVERIFY(run.events(Event::Kind::InputBad).size() < 12);
        QVERIFY(!run.isFinished());
    }

    void recordsOutOfPlaceAreIgnored() {
        WorkerRun run(smallPlan({30, 1}, 320, 180));
        run.send(InputLost{});
        run.send(InputPacket{});
        run.send(Stop{5});
        run.send(Published{});
        run.pass(Milliseconds(500));
        QVERIFY(run.records().empty());
        const Job job = run.startJob();
        run.start(job);
        run.send(job);
        run.pass(Milliseconds(400));
        QCOMPARE(run.gridErrors(0, job.firstSlot), QString());
    }

    void aPlanThatMakesNoSenseEndsTheWorkerWithAnEvent() {
        media::BroadcastPlan plan = smallPlan({30, 1}, 320, 180);
        plan.renditions.pop_back();
        WorkerRun run(plan);
        run.send(run.startJob());
        QVERIFY(run.isFinished());
        QCOMPARE(run.events(Event::Kind::Failed).size(), std::size_t{1});
    }
};

LIVE_TEST(WorkerTest)
#include "worker_test.moc"
