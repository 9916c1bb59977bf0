#include "server/transcode/link/worker_link.h"

#include <unistd.h>

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <optional>
#include <utility>

#include "server/transcode/link/codec.h"
#include "server/transcode/link/send_queue.h"

namespace live::transcode {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

constexpr std::size_t kReadBytes = 64 * 1024;
constexpr std::size_t kWriteBytes = 128 * 1024;

// Whether a worker of a job with this many renditions may send `record`.
bool isAllowed(const Record& record, std::size_t renditions) {
    if (const auto* track = std::get_if<OutputTrack>(&record)) return track->rendition < renditions;
    if (const auto* packet = std::get_if<OutputPacket>(&record)) return packet->rendition < renditions;
    if (const auto* event = std::get_if<Event>(&record)) return event->rendition < renditions;
    if (const auto* heartbeat = std::get_if<Heartbeat>(&record)) return heartbeat->renditions.size() <= renditions;
    return std::holds_alternative<Checkpoint>(record);
}

}  // namespace

std::string_view toString(LossKind kind) {
    switch (kind) {
        case LossKind::SpawnFailed: return "spawn_failed";
        case LossKind::Exited: return "exited";
        case LossKind::LinkClosed: return "link_closed";
        case LossKind::Silent: return "silent";
        case LossKind::Protocol: return "protocol";
    }
    return "exited";
}

class WorkerLink::Impl : public std::enable_shared_from_this<Impl> {
public:
    Impl(asio::any_io_executor executor, const Clock& clock, const LinkOptions& options, Mapping mapping,
         WorkerListener& listener, const media::BroadcastPlan& plan, media::SlotId firstSlot)
        : m_clock(clock),
          m_options(options),
          m_mapping(std::move(mapping)),
          m_listener(listener),
          m_renditions(plan.renditions.size()),
          m_socket(executor),
          m_ticker(executor),
          m_grace(executor),
          m_watchdog(clock.boot(), m_mapping().when(plan.grid.partStart(plan.grid.video(), firstSlot)),
                     options.watchdog),
          m_queue(options.maxQueuedBytes),
          m_readBuffer(kReadBytes) {}

    Result<void> start(Job job) {
        auto spawned = LIVE_TRY(WorkerProcess::spawn(m_socket.get_executor(), m_options.command,
                                                     [weak = weak_from_this()](const std::string& how) {
                                                         if (const auto self = weak.lock()) self->onExit(how);
                                                     }));
        m_process.emplace(std::move(spawned.process));
        m_pid = m_process->pid();
        error_code error;
        m_socket.assign(asio::local::stream_protocol(), spawned.socket.value(), error);
        if (error) return failErrno("worker link", error.value());
        spawned.socket.release();
        send(Hello{.pid = static_cast<std::uint32_t>(::getpid()), .build = {}});
        send(std::move(job));
        send(ClockRecord{m_mapping()});
        read();
        tick();
        return {};
    }

    void send(Record record) {
        if (m_isOver) return;
        if (std::holds_alternative<InputPacket>(record)) m_watchdog.delivered(m_clock.boot());
        m_queue.push(std::move(record));
        write();
    }

    void close() {
        m_isOver = true;
        m_process.reset();
        error_code ignored;
        m_socket.close(ignored);
        m_ticker.cancel();
        m_grace.cancel();
    }

    std::int64_t pid() const { return m_pid; }

private:
    void read() {
        m_socket.async_read_some(asio::buffer(m_readBuffer),
                                 [self = shared_from_this()](error_code error, std::size_t count) {
                                     if (self->m_isOver) return;
                                     if (error) return self->onLinkEnd();
                                     self->onBytes(ByteView(self->m_readBuffer).first(count));
                                     if (!self->m_isOver) self->read();
                                 });
    }

    void onBytes(ByteView bytes) {
        if (const auto appended = m_reader.append(bytes); !appended) return breach(appended.error().message);
        while (!m_isOver) {
            auto record = m_reader.next();
            if (!record) return breach(record.error().message);
            if (!*record) return;
            onRecord(**std::move(record));
        }
    }

    void onRecord(Record record) {
        const BootTime now = m_clock.boot();
        m_watchdog.heard(now);
        if (!m_hasGreeted) {
            const auto* hello = std::get_if<Hello>(&record);
            if (!hello) return breach("its first record is not a hello");
            if (hello->version != kLinkVersion)
                return breach("it speaks version " + std::to_string(hello->version) + " of the link, we speak " +
                              std::to_string(kLinkVersion));
            m_hasGreeted = true;
            return;
        }
        if (!isAllowed(record, m_renditions))
            return breach("a record that workers do not send, or of a rendition that is not in its job");
        if (std::holds_alternative<OutputPacket>(record)) m_watchdog.produced(now);
        if (std::holds_alternative<Checkpoint>(record)) m_watchdog.finishedSlot();
        m_listener.onRecord(std::move(record));
    }

    void write() {
        if (m_isWriting || m_queue.empty()) return;
        m_isWriting = true;
        m_written = m_queue.take(kWriteBytes);
        asio::async_write(m_socket, asio::buffer(m_written),
                          [self = shared_from_this()](error_code error, std::size_t) {
                              // A worker that has gone shows on the reading side, after all that it sent.
                              if (self->m_isOver || error) return;
                              self->m_isWriting = false;
                              self->write();
                          });
    }

    void tick() {
        m_ticker.expires_after(m_options.watchdog.period);
        m_ticker.async_wait([self = shared_from_this()](error_code error) {
            if (self->m_isOver || error) return;
            self->onTick();
            if (!self->m_isOver) self->tick();
        });
    }

    void onTick() {
        if (const std::uint64_t dropped = m_queue.droppedPackets(); dropped != m_reportedDrops) {
            m_reportedDrops = dropped;
            m_listener.onInputDropped(dropped);
            if (m_isOver) return;
        }
        const ProgressWatchdog::Verdict verdict = m_watchdog.check(m_clock.boot());
        if (verdict != ProgressWatchdog::Verdict::Alive) return lose(LossKind::Silent, silence(verdict));
        send(ClockRecord{m_mapping()});
    }

    std::string silence(ProgressWatchdog::Verdict verdict) const {
        if (!m_hasGreeted) return "said no hello";
        switch (verdict) {
            case ProgressWatchdog::Verdict::NoProgress: return "produced nothing from its input";
            case ProgressWatchdog::Verdict::NoSlot: return "finished no slot: one of its encoders stands still";
            default: return "was not heard of any more";
        }
    }

    void onExit(const std::string& how) {
        if (m_isOver) return;
        m_exit = how;
        if (m_hasLinkEnded) return lose(LossKind::Exited, how);
        // What it sent is still being read; a descendant that holds the socket must not keep us waiting for its end.
        afterGrace([](Impl& self) { self.lose(LossKind::Exited, *self.m_exit); });
    }

    void onLinkEnd() {
        m_hasLinkEnded = true;
        if (m_exit) return lose(LossKind::Exited, *m_exit);
        afterGrace([](Impl& self) { self.lose(LossKind::LinkClosed, "closed its link"); });
    }

    void afterGrace(void (*action)(Impl&)) {
        m_grace.expires_after(m_options.exitGrace);
        m_grace.async_wait([self = shared_from_this(), action](error_code error) {
            if (!self->m_isOver && !error) action(*self);
        });
    }

    void breach(const std::string& what) { lose(LossKind::Protocol, "broke the protocol: " + what); }

    // Only called from handlers, never from within send().
    void lose(LossKind kind, const std::string& what) {
        const auto self = shared_from_this();
        close();
        m_listener.onLost({kind, "worker " + std::to_string(m_pid) + " " + what});
    }

    const Clock& m_clock;
    const LinkOptions m_options;
    const Mapping m_mapping;
    WorkerListener& m_listener;
    const std::size_t m_renditions;
    asio::local::stream_protocol::socket m_socket;
    asio::steady_timer m_ticker;
    asio::steady_timer m_grace;
    ProgressWatchdog m_watchdog;
    SendQueue m_queue;
    RecordReader m_reader;
    Bytes m_readBuffer;
    Bytes m_written;
    std::optional<WorkerProcess> m_process;
    std::int64_t m_pid = 0;
    std::optional<std::string> m_exit;
    std::uint64_t m_reportedDrops = 0;
    bool m_isWriting = false;
    bool m_hasGreeted = false;
    bool m_hasLinkEnded = false;
    bool m_isOver = false;
};

Result<std::unique_ptr<WorkerLink>> WorkerLink::start(asio::any_io_executor executor, const Clock& clock,
                                                      const LinkOptions& options, Mapping mapping, Job job,
                                                      WorkerListener& listener) {
    auto impl = std::make_shared<Impl>(std::move(executor), clock, options, std::move(mapping), listener, job.plan,
                                       job.firstSlot);
    LIVE_TRY(impl->start(std::move(job)));
    return std::unique_ptr<WorkerLink>(new WorkerLink(std::move(impl)));
}

WorkerLink::~WorkerLink() { m_impl->close(); }

void WorkerLink::send(Record record) { m_impl->send(std::move(record)); }

std::int64_t WorkerLink::pid() const { return m_impl->pid(); }

ProcessHost::ProcessHost(asio::any_io_executor executor, const Clock& clock, LinkOptions options,
                         WorkerLink::Mapping mapping)
    : m_executor(std::move(executor)), m_clock(clock), m_options(std::move(options)), m_mapping(std::move(mapping)) {}

Result<std::unique_ptr<Worker>> ProcessHost::start(Job job, WorkerListener& listener) {
    return LIVE_TRY(WorkerLink::start(m_executor, m_clock, m_options, m_mapping, std::move(job), listener));
}

void ProcessHost::schedule(Nanoseconds delay, std::move_only_function<void()> action) {
    if (delay <= Nanoseconds{}) return asio::post(m_executor, std::move(action));
    auto timer = std::make_shared<asio::steady_timer>(m_executor, delay);
    timer->async_wait([timer, action = std::move(action)](error_code error) mutable {
        if (!error) action();
    });
}

}  // namespace live::transcode
