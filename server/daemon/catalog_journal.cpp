#include "server/daemon/catalog_journal.h"

#include <fstream>

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

void CatalogJournal::put(const stream::JournalEntry& entry, Done done) {
    m_store.putBroadcast({.stream = entry.plan.stream,
                          .broadcast = entry.plan.broadcast.text(),
                          .plan = encodeEntry(entry),
                          .bootId = bootId(),
                          .clockOffsetNs = entry.clockOffset.count(),
                          .highWaterNs = entry.highWater.time_since_epoch().count(),
                          .isEnded = entry.isEnded},
                         [onAnswer = m_onAnswer, done = std::move(done)](Result<void> answer) mutable {
                             if (!answer && answer.error().code == ErrorCode::NotFound) answer = {};
                             onAnswer(answer);
                             done(std::move(answer));
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
