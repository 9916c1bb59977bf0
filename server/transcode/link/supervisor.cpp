#include "server/transcode/link/supervisor.h"

#include <algorithm>
#include <utility>

namespace live::transcode {

namespace {

constexpr Nanoseconds kLossWindow = Seconds(30);
constexpr std::size_t kLossesToGiveUp = 5;
constexpr std::size_t kLossesToSuspectInput = 3;
constexpr Nanoseconds kGivenUpDelay = Seconds(5);
constexpr Nanoseconds kFirstDelay = Milliseconds(100);
// The segment that is open when a stop comes lasts 10 s at most.
constexpr Nanoseconds kStopAllowance = Seconds(15);
// A worker that was told to stop exits right after its last packets; they may still be on their way to the viewers.
constexpr Nanoseconds kExitAfterStop = Milliseconds(250);
constexpr std::size_t kMaxCheckpoints = 64;

// How long to wait before the worker after the n-th loss within the window.
Nanoseconds backoff(std::size_t losses) { return losses <= 1 ? Nanoseconds{} : kFirstDelay * (1 << (losses - 2)); }

}  // namespace

class Supervisor::Impl final : public WorkerListener, public std::enable_shared_from_this<Impl> {
public:
    Impl(WorkerHost& host, SupervisorListener& listener) : m_host(host), m_listener(listener) {}

    void start(Job job) {
        LIVE_ASSERT(!m_job);
        m_job = std::move(job);
        startWorker();
    }

    template <class Input>
    void input(const Input& input, Record record) {
        if (m_isDone || m_lastSegment) return;
        m_cache.add(input);
        send(std::move(record));
    }

    void inputLost() {
        if (m_isDone || m_lastSegment) return;
        m_cache.lost();
        send(InputLost{});
    }

    void published(media::SlotId slot) {
        m_published = slot;
        std::erase_if(m_checkpoints, [slot](const Checkpoint& checkpoint) { return checkpoint.slot < slot; });
        send(Published{slot});
        if (isComplete()) later([](Impl& self) { self.finish(true); });
    }

    void setWantsFiller(bool wantsFiller) {
        if (m_job) m_job->wantsFiller = wantsFiller;
    }

    void replaceWorker(std::string reason) {
        if (!m_worker || m_isReplacing) return;
        m_isReplacing = true;
        m_replaceReason = std::move(reason);
        later([](Impl& self) {
            if (self.m_worker && self.m_isReplacing) self.onLost({LossKind::Protocol, self.m_replaceReason});
        });
    }

    void stop(std::int64_t lastSegment) {
        if (m_lastSegment) return;
        m_lastSegment = lastSegment;
        if (isComplete()) return later([](Impl& self) { self.finish(true); });
        if (m_hasGivenUp) return later([](Impl& self) { self.finish(false); });
        send(Stop{lastSegment});
        later([](Impl& self) { self.finish(self.isComplete()); }, kStopAllowance);
    }

    void shutDown() {
        m_isDone = true;
        m_worker.reset();
    }

    std::int64_t workerPid() const { return m_worker ? m_worker->pid() : 0; }
    std::uint32_t restarts() const { return m_restarts; }

    void onRecord(Record record) override {
        if (m_isDone || m_isReplacing) return;
        const auto self = shared_from_this();
        if (auto* track = std::get_if<OutputTrack>(&record))
            m_listener.onOutputTrack(std::move(*track));
        else if (auto* packet = std::get_if<OutputPacket>(&record))
            m_listener.onOutputPacket(std::move(*packet));
        else if (auto* event = std::get_if<Event>(&record))
            m_listener.onWorkerEvent(std::move(*event));
        else if (auto* heartbeat = std::get_if<Heartbeat>(&record))
            m_listener.onHeartbeat(std::move(*heartbeat));
        else if (const auto* checkpoint = std::get_if<Checkpoint>(&record))
            keep(*checkpoint);
    }

    void onInputDropped(std::uint64_t total) override {
        m_droppedByThisWorker = total;
        if (!m_isDone) m_listener.onInputDropped(m_droppedBefore + total);
    }

    void onLost(WorkerLoss loss) override {
        if (m_isDone) return;
        const auto self = shared_from_this();
        m_worker.reset();
        m_droppedBefore += std::exchange(m_droppedByThisWorker, 0);
        if (isComplete()) return finish(true);
        const std::size_t losses = countLoss();
        if (losses >= kLossesToSuspectInput) m_cache.dropPackets();
        if (losses >= kLossesToGiveUp && !std::exchange(m_hasGivenUp, true)) {
            m_listener.onGivenUp(loss);
            if (m_isDone) return;
        }
        if (m_hasGivenUp && m_lastSegment) return finish(false);
        Nanoseconds delay = m_hasGivenUp ? kGivenUpDelay : backoff(losses);
        if (m_lastSegment) delay = std::max(delay, kExitAfterStop);
        if (delay == Nanoseconds{}) return restart(loss);
        m_host.schedule(delay, [weak = weak_from_this(), loss] {
            if (const auto kept = weak.lock()) kept->restart(loss);
        });
    }

private:
    void send(Record record) {
        if (m_worker) m_worker->send(std::move(record));
    }

    void later(void (*action)(Impl&), Nanoseconds delay = {}) {
        m_host.schedule(delay, [weak = weak_from_this(), action] {
            if (const auto self = weak.lock()) action(*self);
        });
    }

    void startWorker() {
        Job job = *m_job;
        if (m_published) {
            job.firstSlot = firstSlot();
            job.checkpoint.reset();
        }
        // What the worker before said of later slots is void: they are made again.
        std::erase_if(m_checkpoints, [this](const Checkpoint& known) { return m_published != known.slot; });
        if (!m_checkpoints.empty()) job.checkpoint = m_checkpoints.front();
        m_startedAt = m_host.now();
        m_isReplacing = false;
        auto started = m_host.start(std::move(job), *this);
        if (!started) {
            m_spawnError = started.error().describe();
            return later([](Impl& self) { self.onLost({LossKind::SpawnFailed, self.m_spawnError}); });
        }
        m_worker = *std::move(started);
        m_cache.replay([this](Record record) { send(std::move(record)); });
        if (m_lastSegment) send(Stop{*m_lastSegment});
    }

    void restart(const WorkerLoss& loss) {
        if (m_isDone) return;
        const auto self = shared_from_this();
        if (isComplete()) return finish(true);
        ++m_restarts;
        m_listener.onRestart(
            {loss, firstSlot(), m_restarts, m_cache.hasPicture(), m_losses.size() >= kLossesToSuspectInput});
        if (!m_isDone) startWorker();
    }

    void finish(bool complete) {
        if (m_isDone) return;
        const auto self = shared_from_this();
        shutDown();
        m_listener.onStopped(complete);
    }

    // Losses within the window, this one included. A worker that lived longer than the window starts a new count.
    std::size_t countLoss() {
        const BootTime now = m_host.now();
        if (now - m_startedAt >= kLossWindow) {
            m_losses.clear();
            m_hasGivenUp = false;
        }
        std::erase_if(m_losses, [now](BootTime loss) { return now - loss > kLossWindow; });
        m_losses.push_back(now);
        return m_losses.size();
    }

    void keep(const Checkpoint& checkpoint) {
        m_checkpoints.push_back(checkpoint);
        if (m_checkpoints.size() > kMaxCheckpoints) m_checkpoints.pop_front();
    }

    media::SlotId firstSlot() const { return m_published ? m_job->plan.grid.next(*m_published) : m_job->firstSlot; }

    bool isComplete() const { return m_lastSegment && m_job && firstSlot().segment > *m_lastSegment; }

    WorkerHost& m_host;
    SupervisorListener& m_listener;
    std::optional<Job> m_job;
    PacketCache m_cache;
    std::unique_ptr<Worker> m_worker;
    std::optional<media::SlotId> m_published;
    std::deque<Checkpoint> m_checkpoints;  // of slots from the last published one on
    std::optional<std::int64_t> m_lastSegment;
    std::deque<BootTime> m_losses;
    BootTime m_startedAt{};
    std::string m_spawnError;
    std::string m_replaceReason;
    std::uint64_t m_droppedBefore = 0;
    std::uint64_t m_droppedByThisWorker = 0;
    std::uint32_t m_restarts = 0;
    bool m_hasGivenUp = false;
    bool m_isReplacing = false;  // by replaceWorker(): nothing of this worker is wanted any more
    bool m_isDone = false;
};

Supervisor::Supervisor(WorkerHost& host, SupervisorListener& listener)
    : m_impl(std::make_shared<Impl>(host, listener)) {}

Supervisor::~Supervisor() { m_impl->shutDown(); }

void Supervisor::start(Job job) { m_impl->start(std::move(job)); }
void Supervisor::input(const media::Track& track) { m_impl->input(track, InputTrack{track}); }
void Supervisor::input(const media::Packet& packet) { m_impl->input(packet, InputPacket{packet}); }
void Supervisor::inputLost() { m_impl->inputLost(); }
void Supervisor::published(media::SlotId slot) { m_impl->published(slot); }
void Supervisor::fillerReceived() { m_impl->setWantsFiller(false); }
void Supervisor::wantFiller() { m_impl->setWantsFiller(true); }
void Supervisor::replaceWorker(std::string reason) { m_impl->replaceWorker(std::move(reason)); }
void Supervisor::stop(std::int64_t lastSegment) { m_impl->stop(lastSegment); }
std::int64_t Supervisor::workerPid() const { return m_impl->workerPid(); }
std::uint32_t Supervisor::restarts() const { return m_impl->restarts(); }

}  // namespace live::transcode
