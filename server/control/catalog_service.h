// The streams of this node: the catalog's copy in memory, every write to it, and the policy the data plane works by.
#pragma once

#include <QFuture>
#include <QJsonObject>
#include <QTimer>
#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "common/api/problem.h"
#include "common/api/stream_json.h"
#include "common/api/stream_requests.h"
#include "common/base/clock.h"
#include "server/catalog/store.h"
#include "server/control/catalog_health.h"
#include "server/control/convert/qt_loop.h"
#include "server/stream/live_plane.h"

namespace live::control {

struct StreamQuery {
    std::string text;  // part of name or id, ASCII case ignored; empty: all
    std::optional<StreamState> state;
    std::optional<bool> enabled;
    std::string after;  // id of the last stream of the page before
    std::size_t limit = 50;
};

struct StreamList {
    std::vector<const Stream*> streams;  // ascending by id; valid until the next write
    std::string next;                    // empty on the last page
};

struct CreatedStream {
    Stream stream;
    api::IssuedKey key;
};

// Qt main thread. Reads are answered from memory, also while the catalog is away. A write finishes when it is in the
// catalog, in memory and in a policy that the data plane was given. Patches of one stream run one after the other, each
// on what the one before left. Everything passed in outlives the service; the service outlives the loop.
class CatalogService {
public:
    CatalogService(QtLoop& loop, catalog::Store& store, stream::LivePlane& plane, const Clock& clock,
                   api::StreamDefaults defaults, log::Logger logger, std::chrono::milliseconds retryInterval);

    // Reads all streams and applies the first policy. Before it is done there are no streams.
    QFuture<Result<void>> load();

    const CatalogHealth& health() const { return m_health; }
    void noteWrite(const Result<void>& answer);
    const api::StreamDefaults& defaults() const { return m_defaults; }
    const Stream* find(std::string_view id) const;
    StreamList list(const StreamQuery& query) const;
    StreamState state(const StreamId& id) const { return m_plane.stats(id)->state; }
    UnixTime now() const { return m_clock.unix(); }
    // The last chance of holds that the catalog did not take: nobody waits for the answers.
    void storeHolds();
    std::size_t unstoredHolds() const { return m_unstoredHolds.size(); }

    QFuture<api::Outcome<CreatedStream>> create(api::StreamDraft draft);
    QFuture<api::Outcome<Stream>> patch(const StreamId& id, QJsonObject patch);
    QFuture<api::Outcome<void>> remove(const StreamId& id);
    // Ends the broadcast and holds its keys, also while the catalog is away; then stores the hold, for a restart. One
    // that is not taken is put again until it is, when it is over too: the one that it replaced may not be. 0 lifts the
    // hold.
    QFuture<api::Outcome<void>> stop(const StreamId& id, Seconds hold);
    QFuture<api::Outcome<api::IssuedKey>> issueKey(const StreamId& id, KeyRole role);
    QFuture<api::Outcome<void>> revokeKey(const StreamId& id, std::string keyId);

private:
    using CreateOutcome = QFuture<api::Outcome<CreatedStream>>;
    CreateOutcome tryCreate(const api::StreamDraft& draft, const api::IssuedKey& key, int attemptsLeft);
    QFuture<api::Outcome<Stream>> writePatch(const StreamId& id, const QJsonObject& patch);
    QFuture<api::Outcome<void>> setHold(const StreamId& id, UnixTime until);
    // Puts the unstored hold of the stream. Told to the caller, and tried again later if it failed.
    QFuture<Result<Stream>> storeHold(const StreamId& id);
    void retryHold();
    void runNextPatch(const StreamId& id);
    // What the store answered to a write: now in memory and policy too, or a problem.
    api::Outcome<Stream> keep(const Result<Stream>& stored);
    void applyPolicy();

    QtLoop& m_loop;
    catalog::Store& m_store;
    stream::LivePlane& m_plane;
    const Clock& m_clock;
    const api::StreamDefaults m_defaults;
    CatalogHealth m_health;
    std::map<std::string, Stream, std::less<>> m_streams;  // by id
    std::map<StreamId, UnixTime> m_unstoredHolds;          // what is not in the catalog yet
    StreamId m_retriedHold;
    QTimer m_retryTimer;
    // Waiting patches of a stream; the first one is under way. As many as there are connections at most.
    std::unordered_map<StreamId, std::deque<std::function<void()>>> m_patches;
};

}  // namespace live::control
