#include "server/store/mirror.h"

#include <atomic>
#include <condition_variable>
#include <deque>
#include <future>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <unordered_set>

#include "common/log/rate_limit.h"
#include "server/store/mirror_writer.h"

namespace live::store {

namespace {

std::size_t byteSize(const MirrorSlot& slot) {
    std::size_t size = 0;
    for (const auto& part : slot.parts)
        if (part) size += part->part.bytes.size();
    return size;
}

}  // namespace

// Shared with its thread, which a disk that hangs may keep for longer than the mirror lives.
class Mirror::Impl : public std::enable_shared_from_this<Impl> {
public:
    using Work = std::move_only_function<void()>;

    Impl(std::filesystem::path root, std::shared_ptr<FileLayer> files, const Clock& clock, OnTrouble onTrouble,
         Limits limits)
        : m_root(std::move(root)),
          m_files(std::move(files)),
          m_clock(clock),
          m_onTrouble(std::move(onTrouble)),
          m_limits(limits) {}

    void start() {
        m_thread = std::thread([self = shared_from_this()] { self->run(); });
    }

    void end() {
        std::unique_lock lock(m_mutex);
        m_isEnding = true;
        m_wake.notify_one();
        if (m_end.wait_for(lock, m_limits.patience, [this] { return m_hasEnded; })) {
            lock.unlock();
            return m_thread.join();
        }
        m_queue.clear();
        lock.unlock();
        m_thread.detach();
        const std::lock_guard others(m_othersMutex);
        m_isAbandoned = true;
    }

    // False when the queue is full. flush() is always taken.
    bool enqueue(std::size_t bytes, Work work, bool isFlush = false) {
        {
            const std::lock_guard lock(m_mutex);
            if (!isFlush && (m_queue.size() >= m_limits.queuedCalls || m_queuedBytes + bytes > m_limits.queuedBytes))
                return false;
            m_queuedBytes += bytes;
            m_queue.push_back({bytes, std::move(work)});
        }
        m_wake.notify_one();
        return true;
    }

    // Queues `work` on the writer of a broadcast; trouble is reported, slots excepted, which report their own.
    void change(const BroadcastId& broadcast, std::size_t bytes, std::function<Result<void>(MirrorWriter&)> work) {
        const bool isTaken = enqueue(bytes, [this, broadcast, work = std::move(work)] {
            if (auto done = onWriter(broadcast, work); !done)
                whileAlive([&] { report(broadcast, std::move(done).error()); });
        });
        if (!isTaken) refuse(broadcast);
    }

    void begin(const media::BroadcastPlan& plan) {
        const bool isTaken = enqueue(0, [this, plan] {
            auto writer = std::make_unique<MirrorWriter>(folder(plan.stream, plan.broadcast), plan, *m_files);
            const auto prepared = writer->prepare();
            m_writers[plan.broadcast] = std::move(writer);
            if (prepared) return;
            whileAlive([&] { report(plan.broadcast, prepared.error()); });
        });
        if (!isTaken) refuse(plan.broadcast);
    }

    void commit(const BroadcastId& broadcast, MirrorSlot slot, Done done) {
        const std::size_t bytes = byteSize(slot);
        // Shared, because a refused call still has to answer.
        const auto answer = std::make_shared<Done>(std::move(done));
        const BootTime asked = m_clock.boot();
        const bool isTaken = enqueue(bytes, [this, broadcast, asked, answer, slot = std::move(slot)] {
            auto result = onWriter(broadcast, [&slot](MirrorWriter& writer) { return writer.commit(slot); });
            whileAlive([&] {
                settle(broadcast, m_clock.boot() - asked, result);
                if (*answer) (*answer)(std::move(result));
            });
        });
        if (isTaken) {
            m_isRefusing = false;
            return;
        }
        const Error error = refuse(broadcast);
        if (*answer) (*answer)(std::unexpected(error));
    }

    void close(const BroadcastId& broadcast) {
        if (!enqueue(0, [this, broadcast] {
                m_writers.erase(broadcast);
                m_troubled.erase(broadcast);
            }))
            refuse(broadcast);
    }

    void remove(const StreamId& stream, const BroadcastId& broadcast) {
        const bool isTaken = enqueue(0, [this, stream, broadcast] {
            m_writers.erase(broadcast);
            m_troubled.erase(broadcast);
            auto removed = m_files->remove(folder(stream, broadcast));
            if (removed) return;
            whileAlive([&] {
                m_onTrouble({MirrorTrouble::Kind::Failed, true, stream, broadcast, std::move(removed).error()});
            });
        });
        if (!isTaken) refuse(broadcast);
    }

    void remove(const StreamId& stream) {
        const bool isTaken = enqueue(0, [this, stream] {
            auto removed = m_files->remove(m_root / stream.text());
            if (removed) return;
            whileAlive(
                [&] { m_onTrouble({MirrorTrouble::Kind::Failed, true, stream, {}, std::move(removed).error()}); });
        });
        if (!isTaken) refuse({});
    }

    void flush() {
        std::promise<void> reached;
        enqueue(0, [&reached] { reached.set_value(); }, true);
        reached.get_future().wait();
    }

    MirrorFigures figures() const {
        const std::lock_guard lock(m_mutex);
        return {m_committed, m_failed, m_late, m_refused, m_queue.size(), m_queuedBytes};
    }

private:
    struct Queued {
        std::size_t bytes = 0;
        Work work;
    };

    void run() {
        std::unique_lock lock(m_mutex);
        for (;;) {
            m_wake.wait(lock, [this] { return m_isEnding || !m_queue.empty(); });
            if (m_queue.empty()) break;
            Queued next = std::move(m_queue.front());
            m_queue.pop_front();
            lock.unlock();
            next.work();
            next.work = nullptr;
            lock.lock();
            m_queuedBytes -= next.bytes;
        }
        m_hasEnded = true;
        m_end.notify_one();
    }

    // The clock and whoever is told belong to others: an abandoned thread leaves them alone.
    void whileAlive(const std::function<void()>& work) {
        const std::lock_guard lock(m_othersMutex);
        if (!m_isAbandoned) work();
    }

    std::filesystem::path folder(const StreamId& stream, const BroadcastId& broadcast) const {
        return m_root / stream.text() / broadcast.text();
    }

    Result<void> onWriter(const BroadcastId& broadcast, const std::function<Result<void>(MirrorWriter&)>& work) {
        const auto found = m_writers.find(broadcast);
        if (found == m_writers.end()) return fail(ErrorCode::NotFound, "this broadcast was not begun in the mirror");
        return work(*found->second);
    }

    void settle(const BroadcastId& broadcast, Nanoseconds took, const Result<void>& result) {
        if (!result) return report(broadcast, result.error());
        ++m_committed;
        m_troubled.erase(broadcast);
        if (took <= m_limits.deadline) return;
        ++m_late;
        const auto inMilliseconds = [](Nanoseconds time) { return std::to_string(time / Milliseconds(1)) + " ms"; };
        std::string message = "a slot was on disk after " + inMilliseconds(took) + ", not within " +
                              inMilliseconds(m_limits.deadline) +
                              "; had the server been killed meanwhile, it would be filler";
        const std::optional<std::uint64_t> count = m_lateReports.count(m_clock.boot());
        if (count > 1) message += "; " + std::to_string(*count) + " slots since this was last reported";
        tell(MirrorTrouble::Kind::Late, count.has_value(), broadcast, {ErrorCode::Timeout, std::move(message)});
    }

    void report(const BroadcastId& broadcast, Error error) {
        ++m_failed;
        const bool isNew = m_troubled.insert(broadcast).second;
        tell(MirrorTrouble::Kind::Failed, isNew, broadcast, std::move(error));
    }

    void tell(MirrorTrouble::Kind kind, bool isNew, const BroadcastId& broadcast, Error error) {
        const auto found = m_writers.find(broadcast);
        m_onTrouble({kind, isNew, found == m_writers.end() ? StreamId{} : found->second->plan().stream, broadcast,
                     std::move(error)});
    }

    // On the caller's thread, which may not look at the writers.
    Error refuse(const BroadcastId& broadcast) {
        ++m_refused;
        const Error error{ErrorCode::Overloaded, "the queue of the mirror is full: the disk does not keep up"};
        m_onTrouble({MirrorTrouble::Kind::Refused, !m_isRefusing.exchange(true), {}, broadcast, error});
        return error;
    }

    const std::filesystem::path m_root;
    const std::shared_ptr<FileLayer> m_files;
    const Clock& m_clock;
    const OnTrouble m_onTrouble;
    const Limits m_limits;
    std::unordered_map<BroadcastId, std::unique_ptr<MirrorWriter>> m_writers;  // mirror thread only
    std::unordered_set<BroadcastId> m_troubled;  // their last call failed; mirror thread only
    log::RateLimit m_lateReports{Seconds(60)};   // mirror thread only
    std::atomic<bool> m_isRefusing = false;
    std::atomic<std::uint64_t> m_committed = 0, m_failed = 0, m_late = 0, m_refused = 0;

    std::mutex m_othersMutex;
    bool m_isAbandoned = false;  // under m_othersMutex

    mutable std::mutex m_mutex;  // for what follows
    std::condition_variable m_wake;
    std::condition_variable m_end;
    std::deque<Queued> m_queue;
    std::size_t m_queuedBytes = 0;
    bool m_isEnding = false;
    bool m_hasEnded = false;
    std::thread m_thread;
};

Mirror::Mirror(std::filesystem::path root, std::shared_ptr<FileLayer> files, const Clock& clock, OnTrouble onTrouble)
    : Mirror(std::move(root), std::move(files), clock, std::move(onTrouble), Limits{}) {}

Mirror::Mirror(std::filesystem::path root, std::shared_ptr<FileLayer> files, const Clock& clock, OnTrouble onTrouble,
               Limits limits)
    : m_impl(std::make_shared<Impl>(std::move(root), std::move(files), clock, std::move(onTrouble), limits)) {
    m_impl->start();
}

Mirror::~Mirror() { m_impl->end(); }

void Mirror::begin(const media::BroadcastPlan& plan) { m_impl->begin(plan); }

void Mirror::setInit(const BroadcastId& broadcast, std::size_t rendition, Init init) {
    const std::size_t bytes = init.bytes.size();
    m_impl->change(broadcast, bytes, [rendition, init = std::move(init)](MirrorWriter& writer) {
        return writer.setInit(rendition, init);
    });
}

void Mirror::setFiller(const BroadcastId& broadcast, std::size_t rendition, MirrorFiller filler) {
    const std::size_t bytes = filler.bytes.size();
    m_impl->change(broadcast, bytes, [rendition, filler = std::move(filler)](MirrorWriter& writer) {
        return writer.setFiller(rendition, filler);
    });
}

void Mirror::commit(const BroadcastId& broadcast, MirrorSlot slot, Done done) {
    m_impl->commit(broadcast, std::move(slot), std::move(done));
}

void Mirror::trim(const BroadcastId& broadcast, std::int64_t oldestKept) {
    m_impl->change(broadcast, 0, [oldestKept](MirrorWriter& writer) { return writer.trim(oldestKept); });
}

void Mirror::close(const BroadcastId& broadcast) { m_impl->close(broadcast); }

void Mirror::remove(const StreamId& stream, const BroadcastId& broadcast) { m_impl->remove(stream, broadcast); }

void Mirror::remove(const StreamId& stream) { m_impl->remove(stream); }

MirrorFigures Mirror::figures() const { return m_impl->figures(); }

void Mirror::flush() { m_impl->flush(); }

}  // namespace live::store
