// The journal of broadcasts, kept in the catalog.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "common/log/log.h"
#include "server/catalog/store.h"
#include "server/stream/broadcast.h"

namespace live::daemon {

// On the media thread; the store does the work on its own. Failures are logged at most once a second, with their
// number.
class CatalogJournal final : public stream::Journal {
public:
    // `clock` outlives the store.
    CatalogJournal(catalog::Store& store, const Clock& clock, log::Logger logger);
    void put(const stream::JournalEntry& entry) override;

    // What a record says; whether the clock offset in it is still valid. Protocol for a record that is not ours.
    static Result<stream::Remains> read(const catalog::BroadcastRecord& record);

private:
    class Failures;

    catalog::Store& m_store;
    std::shared_ptr<Failures> m_failures;
};

}  // namespace live::daemon
