#include "server/stream/kept_ends.h"

#include <boost/asio/post.hpp>
#include <utility>

namespace live::stream {

KeptEnds::KeptEnds(boost::asio::io_context& io, const Clock& clock, Journal& journal, log::Logger logger)
    : m_io(io),
      m_clock(clock),
      m_journal(journal),
      m_logger(std::move(logger)),
      m_alive(std::make_shared<KeptEnds*>(this)) {}

void KeptEnds::put(const JournalEntry& entry, Done done) {
    if (!entry.isEnded) {
        m_ends.erase(entry.plan.stream);  // put again after this one, it would replace it
        return m_journal.put(entry, std::move(done));
    }
    End& end = m_ends[entry.plan.stream];
    end.entry = entry;
    attempt(end, std::move(done));
}

void KeptEnds::attempt(End& end, Done done) {
    end.attempt = ++m_attempts;
    m_journal.put(end.entry, [this, &io = m_io, alive = std::weak_ptr(m_alive), stream = end.entry.plan.stream,
                              attempt = end.attempt, done = std::move(done)](Result<void> answer) mutable {
        boost::asio::post(io, [this, alive, stream, attempt, answer] {
            if (alive.lock()) answered(stream, attempt, answer);
        });
        done(std::move(answer));
    });
}

void KeptEnds::answered(const StreamId& stream, std::uint64_t attempt, const Result<void>& answer) {
    if (attempt == m_retry) m_retry = 0;
    if (!answer) m_retryAt = m_clock.boot() + kRetryInterval;
    const auto found = m_ends.find(stream);
    if (found == m_ends.end() || found->second.attempt != attempt) return;
    const log::Logger logger =
        m_logger.with({{"stream_id", stream.text()}, {"broadcast_id", found->second.entry.plan.broadcast.text()}});
    if (answer) {
        if (found->second.isRefused) logger.info("broadcast.end_stored", {});
        m_ends.erase(found);
    } else if (!std::exchange(found->second.isRefused, true)) {
        logger.warning("broadcast.end_not_stored", {{"error", answer.error().describe()}});
    }
}

void KeptEnds::tick() {
    if (m_retry != 0 || m_clock.boot() < m_retryAt) return;
    // The one that was tried the longest ago.
    End* next = nullptr;
    for (auto& [stream, end] : m_ends)
        if (end.isRefused && (!next || end.attempt < next->attempt)) next = &end;
    if (!next) return;
    m_retry = m_attempts + 1;
    attempt(*next, [](Result<void>) {});
}

void KeptEnds::putAllAgain() {
    for (auto& [stream, end] : m_ends)
        if (end.isRefused) attempt(end, [](Result<void>) {});
}

bool KeptEnds::isRefused(const StreamId& stream) const {
    const auto found = m_ends.find(stream);
    return found != m_ends.end() && found->second.isRefused;
}

}  // namespace live::stream
