// The journal of broadcasts, kept in the catalog.
#pragma once

#include <string>
#include <vector>

#include "common/log/log.h"
#include "server/catalog/store.h"
#include "server/stream/broadcast.h"

namespace live::daemon {

// On the media thread; the store does the work on its own.
class CatalogJournal final : public stream::Journal {
public:
    CatalogJournal(catalog::Store& store, log::Logger logger);
    void put(const stream::JournalEntry& entry) override;

    // What a record says; whether the clock offset in it is still valid. Protocol for a record that is not ours.
    static Result<stream::Remains> read(const catalog::BroadcastRecord& record);

private:
    catalog::Store& m_store;
    log::Logger m_logger;
};

}  // namespace live::daemon
