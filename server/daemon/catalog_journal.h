// The journal of broadcasts, kept in the catalog.
#pragma once

#include <functional>

#include "server/catalog/store.h"
#include "server/stream/broadcast.h"

namespace live::daemon {

// On the media thread; the store does the work on its own.
class CatalogJournal final : public stream::Journal {
public:
    // `onAnswer` is told how every write went, on the thread of its `done`; it outlives the store.
    using OnAnswer = std::function<void(const Result<void>&)>;

    CatalogJournal(catalog::Store& store, OnAnswer onAnswer) : m_store(store), m_onAnswer(std::move(onAnswer)) {}
    // A stream that was deleted while its broadcast ended is no failure.
    void put(const stream::JournalEntry& entry, Done done) override;

    // What a record says; whether the clock offset in it is still valid. Protocol for a record that is not ours.
    static Result<stream::Remains> read(const catalog::BroadcastRecord& record);

private:
    catalog::Store& m_store;
    const OnAnswer m_onAnswer;
};

}  // namespace live::daemon
