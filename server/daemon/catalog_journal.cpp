#include "server/daemon/catalog_journal.h"

#include <fstream>
#include <mutex>

#include "common/log/rate_limit.h"
#include "server/media/plan_codec.h"

namespace live::daemon {

namespace {

// Changes with every boot of the machine, and with it CLOCK_BOOTTIME's zero.
std::string bootId() {
    std::ifstream file("/proc/sys/kernel/random/boot_id");
    std::string id;
    std::getline(file, id);
    return id;
}

// u32 discontinuities, then the plan.
Bytes encodeEntry(const stream::JournalEntry& entry) {
    ByteWriter writer;
    writer.u32(entry.discontinuities).bytes(media::encode(entry.plan));
    return writer.take();
}

}  // namespace

// Shared with calls that are under way, which end on the catalog thread, or on the media thread when there are too
// many.
class CatalogJournal::Failures {
public:
    Failures(const Clock& clock, log::Logger logger) : m_clock(clock), m_logger(std::move(logger)) {}

    void report(const StreamId& stream, const Error& error) {
        const std::lock_guard lock(m_mutex);
        if (const auto count = m_reports.count(m_clock.boot()))
            m_logger.error("journal.failed",
                           {{"stream_id", stream.text()}, {"error", error.describe()}, {"count", *count}});
    }

private:
    const Clock& m_clock;
    log::Logger m_logger;
    std::mutex m_mutex;
    log::RateLimit m_reports;
};

CatalogJournal::CatalogJournal(catalog::Store& store, const Clock& clock, log::Logger logger)
    : m_store(store), m_failures(std::make_shared<Failures>(clock, std::move(logger))) {}

void CatalogJournal::put(const stream::JournalEntry& entry) {
    m_store.putBroadcast({.stream = entry.plan.stream,
                          .broadcast = entry.plan.broadcast.text(),
                          .plan = encodeEntry(entry),
                          .bootId = bootId(),
                          .clockOffsetNs = entry.clockOffset.count(),
                          .highWaterNs = entry.highWater.time_since_epoch().count(),
                          .isEnded = entry.isEnded},
                         [failures = m_failures, id = entry.plan.stream](Result<void> done) {
                             // A stream may be deleted while its broadcast ends.
                             if (!done && done.error().code != ErrorCode::NotFound) failures->report(id, done.error());
                         });
}

Result<stream::Remains> CatalogJournal::read(const catalog::BroadcastRecord& record) {
    ByteReader reader(record.plan);
    const std::uint32_t discontinuities = reader.u32();
    stream::Remains remains;
    remains.entry.plan = LIVE_TRY(media::decodePlan(reader.rest()));
    remains.entry.discontinuities = discontinuities;
    remains.entry.clockOffset = Nanoseconds(record.clockOffsetNs);
    remains.entry.highWater = OutputTime(Nanoseconds(record.highWaterNs));
    remains.entry.isEnded = record.isEnded;
    remains.isSameBoot = record.bootId == bootId();
    return remains;
}

}  // namespace live::daemon
