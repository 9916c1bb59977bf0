#include "tests/support/test_main.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <QProcess>

#include "server/transcode/link/codec.h"
#include "server/transcode/worker/run.h"
#include "tests/integration/worker/worker_run.h"

using namespace live;
using namespace live::test;
using namespace live::transcode;

namespace {

// A worker process and our end of its link.
class Child {
public:
    explicit Child(qint64 parent = QCoreApplication::applicationPid()) {
        int ends[2] = {-1, -1};
        // Not close-on-exec: the child inherits both, and closes ours by ending.
        if (::socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0) qFatal("socketpair");
        m_link = ends[0];
        ::fcntl(m_link, F_SETFD, FD_CLOEXEC);
        const QStringList arguments{"--link-fd", QString::number(ends[1]), "--parent", QString::number(parent)};
        m_process.setProcessChannelMode(QProcess::ForwardedErrorChannel);
        m_process.start(WORKER_PROGRAM, arguments);
        m_process.waitForStarted();
        ::close(ends[1]);
    }
    ~Child() {
        hangUp();
        m_process.kill();
        m_process.waitForFinished();
    }

    void send(const Record& record) { sendBytes(encode(record)); }
    void sendBytes(const Bytes& bytes) {
        ByteView rest = bytes;
        while (!rest.empty()) {
            const ssize_t sent = ::send(m_link, rest.data(), rest.size(), MSG_NOSIGNAL);
            if (sent <= 0) return;
            rest = rest.subspan(static_cast<std::size_t>(sent));
        }
    }
    // The next record; nothing at the end of the link.
    std::optional<Record> receive() {
        while (true) {
            Result<std::optional<Record>> record = m_reader.next();
            if (!record) return std::nullopt;
            if (*record) return std::move(*record);
            Bytes chunk(65536);
            const ssize_t count = ::recv(m_link, chunk.data(), chunk.size(), 0);
            if (count <= 0 || !m_reader.append(ByteView(chunk).first(static_cast<std::size_t>(count))))
                return std::nullopt;
        }
    }
    void hangUp() {
        if (m_link >= 0) ::close(m_link);
        m_link = -1;
    }
    int exitStatus() {
        if (!m_process.waitForFinished(20'000)) return -1;
        return m_process.exitStatus() == QProcess::NormalExit ? m_process.exitCode() : -2;
    }

private:
    int m_link = -1;
    QProcess m_process;
    RecordReader m_reader;
};

Job jobOf(const SystemClock& clock) {
    Job job;
    job.plan = smallPlan({30, 1}, 320, 180);
    job.firstSlot = {job.plan.grid.slotAt(OutputTime(clock.unix().time_since_epoch())).segment - 1, 0};
    job.plan.firstSegment = job.firstSlot.segment;
    return job;
}

ClockRecord clockOf(const SystemClock& clock) {
    return {{clock.boot(), OutputTime(clock.unix().time_since_epoch()), 0}};
}

}  // namespace

class WorkerProcessTest : public QObject {
    Q_OBJECT
private slots:
    void saysHelloFirstAndEndsWithItsLink() {
        Child child;
        const std::optional<Record> first = child.receive();
        QVERIFY(first && std::holds_alternative<Hello>(*first));
        QCOMPARE(std::get<Hello>(*first).version, kLinkVersion);
        QVERIFY(std::get<Hello>(*first).pid > 0);
        child.hangUp();
        QCOMPARE(child.exitStatus(), int{worker::kRunEnded});
    }

    void endsAtOnceWhenItsParentIsAnother() {
        Child child(1);
        QCOMPARE(child.exitStatus(), int{worker::kRunEnded});
        QVERIFY(!child.receive());
    }

    void refusesAServerOfAnotherVersion() {
        Child child;
        child.send(Hello{.version = kLinkVersion + 1, .pid = 1, .build = "other"});
        QCOMPARE(child.exitStatus(), int{worker::kRunRefused});
    }

    void endsOnBytesThatAreNoRecords() {
        Child child;
        child.sendBytes(Bytes(64, 0xff));
        QCOMPARE(child.exitStatus(), int{worker::kRunProtocol});
    }

    void endsOnAJobBeforeTheHello() {
        Child child;
        child.send(jobOf(SystemClock()));
        QCOMPARE(child.exitStatus(), int{worker::kRunProtocol});
    }

    void endsOnAPlanThatTheLinkDoesNotAllow() {
        Job job = jobOf(SystemClock());
        job.plan.renditions.pop_back();
        Child child;
        child.send(Hello{});
        child.send(job);
        QCOMPARE(child.exitStatus(), int{worker::kRunProtocol});
    }

    void endsWhileABroadcastRuns() {
        const SystemClock clock;
        Child child;
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
        Child child;
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
