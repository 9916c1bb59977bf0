#include "tests/support/test_main.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>

#include "server/transcode/link/supervisor.h"
#include "server/transcode/link/worker_link.h"
#include "tests/support/plans.h"

using namespace live;
using namespace live::transcode;

namespace {

struct Heard final : WorkerListener {
    void onRecord(Record record) override {
        if (const auto* packet = std::get_if<OutputPacket>(&record)) outputs.push_back(*packet);
        if (const auto* event = std::get_if<Event>(&record)) events += QString::fromStdString(event->message);
        if (std::holds_alternative<Heartbeat>(record)) ++heartbeats;
    }
    void onInputDropped(std::uint64_t total) override { dropped = total; }
    void onLost(WorkerLoss loss) override { losses.push_back(std::move(loss)); }

    std::vector<OutputPacket> outputs;
    QStringList events;
    std::vector<WorkerLoss> losses;
    std::uint64_t dropped = 0;
    int heartbeats = 0;
};

media::Packet key(std::size_t size = 10) { return {.isKey = true, .data = Buffer(Bytes(size, 7))}; }

struct OneWorker {
    boost::asio::io_context context;
    SystemClock clock;
    LinkOptions options;
    Heard heard;
    std::unique_ptr<Worker> worker;

    explicit OneWorker(const char* mode) { options.command = {LINK_WORKER, {mode}}; }
    // For workers that are expected to be silent; the others may be slow to start on a busy machine.
    void expectSilence() {
        options.watchdog = {.progress = Milliseconds(100),
                            .start = Milliseconds(300),
                            .silence = Milliseconds(400),
                            .period = Milliseconds(20)};
    }
    void start() {
        ProcessHost host(context.get_executor(), clock, options, [] { return media::ClockMapping{}; });
        auto started = host.start({.plan = test::examplePlan(), .firstSlot = {}, .checkpoint = {}}, heard);
        QVERIFY2(started.has_value(), started ? "" : started.error().message.c_str());
        worker = *std::move(started);
    }
    bool runUntil(auto condition) {
        const BootTime deadline = clock.boot() + Seconds(10);
        while (!condition() && clock.boot() < deadline) context.run_one_for(std::chrono::milliseconds(20));
        return condition();
    }
    bool runUntilLost() {
        return runUntil([this] { return !heard.losses.empty(); });
    }
    // The process is gone and has been reaped.
    bool runUntilReaped(std::int64_t pid) {
        return runUntil([pid] { return ::kill(static_cast<pid_t>(pid), 0) != 0; });
    }
};

bool hasEnded(pid_t pid, int timeoutMs) {
    const FileDescriptor pidfd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
    if (pidfd.value() < 0) return true;
    pollfd waited{.fd = pidfd.value(), .events = POLLIN, .revents = 0};
    return ::poll(&waited, 1, timeoutMs) == 1;
}

std::size_t openDescriptors() {
    std::size_t count = 0;
    for (int descriptor = 0; descriptor < 256; ++descriptor) count += ::fcntl(descriptor, F_GETFD) >= 0;
    return count;
}

}  // namespace

class WorkerLinkTest : public QObject {
    Q_OBJECT
private slots:
    void packetsGoThroughAWorkerAndBack() {
        OneWorker scene("echo");
        scene.start();
        for (std::size_t size : {1, 1000, 1'000'000}) scene.worker->send(InputPacket{key(size)});
        QVERIFY(scene.runUntil([&] { return scene.heard.outputs.size() == 3; }));
        QCOMPARE(scene.heard.outputs[2].data.size(), std::size_t(1'000'000));
        QVERIFY(scene.heard.losses.empty());
    }
    void destroyingAWorkerEndsAndReapsItsProcess() {
        OneWorker scene("deaf");
        scene.start();
        const auto pid = scene.worker->pid();
        QVERIFY(scene.runUntil([&] { return scene.heard.heartbeats > 0; }));
        scene.worker.reset();
        QVERIFY(scene.runUntilReaped(pid));
        QVERIFY(scene.heard.losses.empty());
    }
    void destroyingTheContextEndsAndReapsTheProcess() {
        pid_t pid = 0;
        {
            boost::asio::io_context context;
            auto spawned = WorkerProcess::spawn(context.get_executor(), {LINK_WORKER, {"deaf"}}, {});
            QVERIFY(spawned.has_value());
            pid = spawned->process.pid();
        }
        QCOMPARE(::kill(pid, 0), -1);
    }
    void aKilledWorkerIsNoticedAndNamed() {
        OneWorker scene("mute");
        scene.start();
        const auto pid = scene.worker->pid();
        QVERIFY(scene.runUntil([&] { return scene.heard.heartbeats > 0; }));
        ::kill(static_cast<pid_t>(pid), SIGKILL);
        QVERIFY(scene.runUntilLost());
        QVERIFY(scene.heard.losses[0].kind == LossKind::Exited);
        QCOMPARE(QString::fromStdString(scene.heard.losses[0].message),
                 QString("worker %1 was killed by signal 9 (Killed)").arg(pid));
    }
    void whatAWorkerSentBeforeItExitedArrivesBeforeItsLoss() {
        OneWorker scene("leaver");
        scene.start();
        QVERIFY(hasEnded(static_cast<pid_t>(scene.worker->pid()), 5000));  // its end and its packets are found together
        QVERIFY(scene.runUntilLost());
        QCOMPARE(scene.heard.outputs.size(), std::size_t(40));
        QVERIFY(scene.heard.losses[0].message.ends_with("exited with status 3"));
    }
    void aWorkerWhosePacketsFinishNoSlotIsGivenUp() {
        const auto outcome = [](OneWorker& scene) {
            scene.options.watchdog = {
                .slot = Milliseconds(200), .start = Milliseconds(300), .period = Milliseconds(20)};
            scene.start();
            scene.runUntil([&] {
                scene.worker->send(InputPacket{key()});
                return scene.heard.outputs.size() >= 60 || !scene.heard.losses.empty();
            });
            return scene.heard.losses.empty() ? std::string() : scene.heard.losses[0].message;
        };
        OneWorker steady("steady"), stuck("stuck");
        QCOMPARE(outcome(steady), std::string());
        QVERIFY(outcome(stuck).ends_with("finished no slot: one of its encoders stands still"));
    }
    void brokenWorkersAreGivenUp_data() {
        QTest::addColumn<QString>("mode");
        QTest::addColumn<int>("kind");
        QTest::addColumn<QString>("message");
        const auto row = [](const char* mode, LossKind kind, const char* message) {
            QTest::newRow(mode) << QString(mode) << int(kind) << QString(message);
        };
        row("speechless", LossKind::Silent, "said no hello");
        row("stranger", LossKind::Protocol, "speaks version 3 of the link, we speak 2");
        row("garbage", LossKind::Protocol, "a record of 4294967295 bytes");
        row("imposter", LossKind::Protocol, "a rendition that is not in its job");
        row("closer", LossKind::LinkClosed, "closed its link");
        row("mute", LossKind::Silent, "produced nothing from its input");
        row("deaf", LossKind::Silent, "produced nothing from its input");
    }
    void brokenWorkersAreGivenUp() {
        QFETCH(QString, mode);
        QFETCH(int, kind);
        QFETCH(QString, message);
        OneWorker scene(mode.toUtf8().constData());
        if (kind == int(LossKind::Silent)) scene.expectSilence();
        scene.start();
        const auto pid = scene.worker->pid();
        scene.worker->send(InputPacket{key()});
        QVERIFY(scene.runUntilLost());
        QCOMPARE(int(scene.heard.losses[0].kind), kind);
        QVERIFY2(scene.heard.losses[0].message.find(message.toStdString()) != std::string::npos,
                 scene.heard.losses[0].message.c_str());
        QVERIFY(scene.runUntilReaped(pid));
        QCOMPARE(scene.heard.losses.size(), std::size_t(1));
    }
    void aWorkerThatDoesNotReadGetsABoundedQueue() {
        OneWorker scene("deaf");
        scene.options.maxQueuedBytes = 1'000'000;
        scene.options.watchdog.progress = scene.options.watchdog.start = Seconds(60);
        scene.start();
        for (int i = 0; i < 100; ++i) scene.worker->send(InputPacket{key(100'000)});
        QVERIFY(scene.runUntil([&] { return scene.heard.dropped > 0; }));
        QVERIFY(scene.heard.dropped >= 80);
    }
    void aProgramThatCannotBeStartedIsAnError() {
        OneWorker scene("echo");
        scene.options.command.program = "/nonexistent/worker";
        ProcessHost host(scene.context.get_executor(), scene.clock, scene.options,
                         [] { return media::ClockMapping{}; });
        const auto started = host.start({.plan = test::examplePlan(), .firstSlot = {}, .checkpoint = {}}, scene.heard);
        QVERIFY(!started && started.error().code == ErrorCode::Io);
    }
    void aWorkerInheritsNothingButItsLink() {
        // Descriptors without close-on-exec, a blocked and an ignored signal: what a careless library leaves behind.
        int leaked[2];
        QCOMPARE(::pipe(leaked), 0);
        sigset_t blocked, before;
        sigemptyset(&blocked);
        sigaddset(&blocked, SIGTERM);
        ::pthread_sigmask(SIG_BLOCK, &blocked, &before);
        const auto pipeHandler = ::signal(SIGPIPE, SIG_IGN);
        OneWorker scene("descriptors");
        scene.start();
        const bool hasAnswered = scene.runUntil([&] { return !scene.heard.events.isEmpty(); });
        ::signal(SIGPIPE, pipeHandler);
        ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
        ::close(leaked[0]);
        ::close(leaked[1]);
        QVERIFY(hasAnswered);
        QCOMPARE(scene.heard.events[0], QString("0 1 2 3 unblocked default own-group"));
    }
    void noDescriptorStaysOpenInTheServer() {
        boost::asio::io_context warm;  // whatever is opened once for the process
        const std::size_t before = openDescriptors();
        for (int i = 0; i < 5; ++i) {
            OneWorker scene("leaver");
            scene.start();
            QVERIFY(scene.runUntilLost());
        }
        QCOMPARE(openDescriptors(), before);
    }
    void aWorkerExitsWhenItsParentIsKilled() {
        int output[2];
        QCOMPARE(::pipe2(output, O_CLOEXEC), 0);
        const pid_t middle = ::fork();
        if (middle == 0) {
            ::dup2(output[1], STDOUT_FILENO);
            ::execl(LINK_WORKER, LINK_WORKER, "parent", nullptr);
            ::_exit(1);
        }
        char text[32] = {};
        QVERIFY(::read(output[0], text, sizeof text - 1) > 0);
        const pid_t worker = ::atoi(text);
        QVERIFY(worker > 0 && ::kill(worker, 0) == 0);
        ::kill(middle, SIGKILL);
        ::waitpid(middle, nullptr, 0);
        QVERIFY(hasEnded(worker, 5000));
        ::close(output[0]);
        ::close(output[1]);
    }
    void aSupervisorGoesOnWithAnotherProcess() {
        struct Output final : SupervisorListener {
            void onOutputTrack(OutputTrack) override {}
            void onOutputPacket(OutputPacket packet) override { frames.push_back(packet.data.size()); }
            void onWorkerEvent(Event) override {}
            void onHeartbeat(Heartbeat) override {}
            void onRestart(const Restart& restart) override { restarts.push_back(restart); }
            void onInputDropped(std::uint64_t) override {}
            void onGivenUp(const WorkerLoss&) override {}
            void onStopped(bool isComplete) override { stopped = isComplete; }
            std::vector<std::size_t> frames;
            std::vector<Restart> restarts;
            std::optional<bool> stopped;
        } output;
        OneWorker scene("echo");
        ProcessHost host(scene.context.get_executor(), scene.clock, scene.options,
                         [] { return media::ClockMapping{}; });
        Supervisor supervisor(host, output);
        const std::int64_t first = test::examplePlan().firstSegment;
        supervisor.start({.plan = test::examplePlan(), .firstSlot = {first, 0}, .checkpoint = {}});
        supervisor.input(key(100));
        QVERIFY(scene.runUntil([&] { return output.frames.size() == 1; }));
        supervisor.published({first, 0});
        const auto firstPid = supervisor.workerPid();
        ::kill(static_cast<pid_t>(firstPid), SIGKILL);
        QVERIFY(scene.runUntil([&] { return !output.restarts.empty() && output.frames.size() == 2; }));
        QVERIFY(output.restarts[0].firstSlot == (media::SlotId{first, 1}));
        QVERIFY(supervisor.workerPid() != firstPid);
        QVERIFY(output.frames == (std::vector<std::size_t>{100, 100}));
        supervisor.stop(first);
        supervisor.published({first, 5});
        QVERIFY(scene.runUntil([&] { return output.stopped.has_value(); }));
        QVERIFY(*output.stopped);
    }
};
LIVE_TEST(WorkerLinkTest)

#include "worker_link_test.moc"
