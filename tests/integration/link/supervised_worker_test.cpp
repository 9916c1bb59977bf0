// The supervisor with real workers, in real time: what viewers would see of a broadcast whose workers are killed.
#include "tests/support/test_main.h"

#include <signal.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>

#include "server/transcode/link/supervisor.h"
#include "server/transcode/link/worker_link.h"
#include "tests/integration/worker/media_file.h"
#include "tests/support/plans.h"

using namespace live;
using namespace live::transcode;
using media::SlotId;

namespace {

media::BroadcastPlan smallPlan(std::int64_t firstSegment) {
    media::BroadcastPlan plan = test::examplePlan(firstSegment);
    plan.renditions[0].width = 320;
    plan.renditions[0].height = plan.renditions[1].width = 180;
    plan.renditions[1].height = 100;
    plan.renditions[0].bitrate = plan.renditions[1].bitrate = 300'000;
    return plan;
}

// Publishes a slot when all renditions have it, as the packager does, and checks that frames tile the grid.
class Viewer final : public SupervisorListener {
public:
    Viewer(const media::BroadcastPlan& plan, const Clock& clock)
        : m_plan(plan), m_clock(clock), m_next(plan.renditions.size()) {
        beginAt({plan.firstSegment, 0});
    }

    void onOutputTrack(OutputTrack track) override {
        auto& known = m_configurations[track.rendition];
        if (known.empty()) known = track.configuration;
        hasSameConfiguration = hasSameConfiguration && std::ranges::equal(known.view(), track.configuration.view());
    }
    void onOutputPacket(OutputPacket packet) override {
        if (packet.isFiller) return;
        const media::TrackGrid track = m_plan.track(packet.rendition);
        if (m_next[packet.rendition] == kShed) {
            if (m_plan.grid.slotOfFrame(track, packet.frame).part != 0 || !packet.isKey) return;
            m_next[packet.rendition] = packet.frame;
        }
        if (packet.frame != m_next[packet.rendition]) ++gaps;
        const bool isFirst = m_next[packet.rendition] == m_plan.grid.firstFrame(track, m_begun);
        if (isFirst && !packet.isKey) ++gaps;
        m_next[packet.rendition] = packet.frame + packet.frameCount;
        for (SlotId after = m_plan.grid.next(m_slot); isComplete(m_slot); after = m_plan.grid.next(m_slot)) {
            published.push_back(m_slot);
            lastPublished = m_clock.boot();
            const SlotId done = std::exchange(m_slot, after);
            if (supervisor) supervisor->published(done);
        }
    }
    void onRestart(const Restart& restart) override {
        restarts.push_back(restart);
        beginAt(restart.firstSlot);
    }
    // On a busy machine the top rung may be shed: then it has a hole until a boundary.
    void onWorkerEvent(Event event) override {
        if (event.kind == Event::Kind::ShedRendition) m_next[event.rendition] = kShed;
    }
    void onHeartbeat(Heartbeat) override { ++heartbeats; }
    void onInputDropped(std::uint64_t) override {}
    void onGivenUp(const WorkerLoss&) override {}
    void onStopped(bool isComplete) override { stopped = isComplete; }

    // Slots without a hole from the first one.
    bool isContinuous() const {
        for (std::size_t i = 0; i < published.size(); ++i)
            if (m_plan.grid.slotIndex(published[i]) !=
                m_plan.grid.slotIndex({m_plan.firstSegment, 0}) + std::int64_t(i))
                return false;
        return !published.empty();
    }

    Supervisor* supervisor = nullptr;
    std::vector<SlotId> published;
    BootTime lastPublished{};
    std::vector<Restart> restarts;
    std::optional<bool> stopped;
    int gaps = 0;
    int heartbeats = 0;
    bool hasSameConfiguration = true;

private:
    static constexpr std::int64_t kShed = INT64_MAX;

    void beginAt(SlotId slot) {
        m_slot = m_begun = slot;
        for (std::size_t i = 0; i < m_next.size(); ++i) m_next[i] = m_plan.grid.firstFrame(m_plan.track(i), slot);
    }
    bool isComplete(SlotId slot) const {
        for (std::size_t i = 0; i < m_next.size(); ++i)
            if (m_next[i] < m_plan.grid.firstFrame(m_plan.track(i), m_plan.grid.next(slot))) return false;
        return true;
    }

    const media::BroadcastPlan m_plan;
    const Clock& m_clock;
    std::vector<std::int64_t> m_next;
    SlotId m_slot, m_begun;
    std::map<std::uint8_t, Buffer> m_configurations;
};

struct Scene {
    boost::asio::io_context context;
    SystemClock clock;
    const media::ClockMapping mapping{clock.boot(), OutputTime(clock.unix().time_since_epoch()), 0};
    const media::BroadcastPlan plan = smallPlan(media::Grid().slotAt(mapping.output).segment - 1);
    Viewer viewer{plan, clock};
    ProcessHost host{context.get_executor(), clock, options(), [this] { return mapping; }};
    Supervisor supervisor{host, viewer};
    test::MediaFile media;
    std::size_t sent = 0;

    Scene() { viewer.supervisor = &supervisor; }
    static LinkOptions options() {
        LinkOptions options;
        options.command = {WORKER_PROGRAM, {"--link-fd", "3", "--parent", std::to_string(::getpid())}};
        return options;
    }
    void start() {
        for (const media::Track& track : media.tracks) supervisor.input(track);
        supervisor.start({.plan = plan, .firstSlot = {plan.firstSegment, 0}, .wantsFiller = true, .checkpoint = {}});
    }
    // Delivers the file's packets when their time has come.
    void deliver() {
        const Nanoseconds elapsed = clock.boot() - mapping.boot;
        for (; sent < media.packets.size(); ++sent) {
            media::Packet packet = media.packets[sent];
            if (Milliseconds(packet.dts * 1000 / packet.timescale) > elapsed) return;
            packet.arrival = mapping.at(clock.boot());
            supervisor.input(packet);
        }
    }
    bool runUntil(auto condition) {
        const BootTime deadline = clock.boot() + Seconds(30);
        while (!condition() && clock.boot() < deadline) {
            context.run_one_for(std::chrono::milliseconds(10));
            deliver();
        }
        return condition();
    }
    bool runUntilPublished(std::size_t more) {
        const std::size_t wanted = viewer.published.size() + more;
        return runUntil([&] { return viewer.published.size() >= wanted; });
    }
};

}  // namespace

class SupervisedWorkerTest : public QObject {
    Q_OBJECT
private slots:
    void killedWorkersLeaveNoHoleInTheBroadcast() {
        Scene scene;
        scene.media =
            test::makeMedia({"-f",       "lavfi",       "-i",      "testsrc2=size=320x180:rate=30:duration=30",
                             "-f",       "lavfi",       "-i",      "sine=frequency=440:sample_rate=48000:duration=30",
                             "-c:v",     "libx264",     "-preset", "ultrafast",
                             "-tune",    "zerolatency", "-g",      "30",
                             "-pix_fmt", "yuv420p",     "-c:a",    "aac"});
        QVERIFY(!scene.media.packets.empty());
        scene.start();
        QVERIFY(scene.runUntilPublished(10));
        for (int signal : {SIGKILL, SIGSTOP}) {  // dead, and hanging
            const std::size_t restartsBefore = scene.viewer.restarts.size();
            const auto pid = static_cast<pid_t>(scene.supervisor.workerPid());
            const BootTime before = scene.clock.boot();
            ::kill(pid, signal);
            QVERIFY(scene.runUntil([&] { return scene.viewer.restarts.size() > restartsBefore; }));
            const BootTime noticed = scene.clock.boot();
            QVERIFY(scene.runUntilPublished(1));
            qInfo("signal %d: noticed after %lld ms, next slot after %lld ms", signal,
                  static_cast<long long>((noticed - before).count() / 1'000'000),
                  static_cast<long long>((scene.viewer.lastPublished - before).count() / 1'000'000));
            QVERIFY(scene.viewer.restarts.back().hasPicture);
            QVERIFY(scene.runUntilPublished(6));
        }
        QVERIFY(scene.viewer.isContinuous());
        QCOMPARE(scene.viewer.gaps, 0);
        QVERIFY(scene.viewer.hasSameConfiguration);
        scene.supervisor.stop(scene.viewer.published.back().segment);
        QVERIFY(scene.runUntil([&] { return scene.viewer.stopped.has_value(); }));
        QVERIFY(*scene.viewer.stopped);
        QVERIFY(scene.viewer.isContinuous());
        QCOMPARE(scene.viewer.published.back().part, scene.plan.grid.slotsPerSegment() - 1);
    }
    void aWorkerWithoutAnyInputIsNotTakenForDead() {
        Scene scene;
        scene.start();
        QVERIFY(scene.runUntilPublished(6 + 18));  // the back-filled segment, and 4 s or more
        QVERIFY(scene.viewer.restarts.empty());
        QVERIFY(scene.viewer.heartbeats >= 4);
        QCOMPARE(scene.viewer.gaps, 0);
    }
};
LIVE_TEST(SupervisedWorkerTest)

#include "supervised_worker_test.moc"
