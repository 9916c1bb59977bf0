// A journal that puts the last entry of an ended broadcast again until it is taken: who wrote it is gone by then, and
// with an older entry a restart would take the end back.
#pragma once

#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <memory>
#include <unordered_map>

#include "common/base/clock.h"
#include "common/log/log.h"
#include "server/stream/journal.h"

namespace live::stream {

// On the media thread, whose io_context it is given; everything passed in outlives it. Keeps one entry a stream at
// most: the next one of the stream replaces it. One is put again at a time, so that a journal that is slow to say no
// does not get behind.
class KeptEnds final : public Journal {
public:
    static constexpr Nanoseconds kRetryInterval = Seconds(5);

    KeptEnds(boost::asio::io_context& io, const Clock& clock, Journal& journal, log::Logger logger);

    void put(const JournalEntry& entry, Done done) override;
    // Every 100 ms.
    void tick();
    // All that were refused, now: for a server that stops.
    void putAllAgain();
    // The stream was deleted.
    void forget(const StreamId& stream) { m_ends.erase(stream); }
    // The stream's last broadcast has ended, and a restart would not know.
    bool isRefused(const StreamId& stream) const;

private:
    struct End {
        JournalEntry entry;
        std::uint64_t attempt = 0;  // the newest; answers to older ones say nothing
        bool isRefused = false;
    };
    void attempt(End& end, Done done);
    void answered(const StreamId& stream, std::uint64_t attempt, const Result<void>& answer);

    boost::asio::io_context& m_io;
    const Clock& m_clock;
    Journal& m_journal;
    const log::Logger m_logger;
    std::unordered_map<StreamId, End> m_ends;  // under way or refused
    std::uint64_t m_attempts = 0;
    std::uint64_t m_retry = 0;  // the attempt that tick() waits for
    BootTime m_retryAt{};
    std::shared_ptr<KeptEnds*> m_alive;  // callbacks from other threads hold it weakly
};

}  // namespace live::stream
