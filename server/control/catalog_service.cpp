#include "server/control/catalog_service.h"

#include <algorithm>

#include "server/control/policy_builder.h"
#include "server/control/secrets.h"

namespace live::control {

namespace {

using api::Outcome;

constexpr int kIdAttempts = 4;

bool containsIgnoringCase(std::string_view text, std::string_view part) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; };
    return part.empty() || !std::ranges::search(text, part, {}, lower, lower).empty();
}

api::Problem unknownStream(const StreamId& id) { return {404, "not_found", "There is no stream '" + id.text() + "'"}; }

template <class T>
QFuture<Outcome<T>> refused(api::Problem problem) {
    return readyFuture<Outcome<T>>(std::unexpected(std::move(problem)));
}

}  // namespace

CatalogService::CatalogService(QtLoop& loop, catalog::Store& store, stream::LivePlane& plane, const Clock& clock,
                               api::StreamDefaults defaults, log::Logger logger,
                               std::chrono::milliseconds retryInterval)
    : m_loop(loop),
      m_store(store),
      m_plane(plane),
      m_clock(clock),
      m_defaults(defaults),
      m_health(clock, std::move(logger)) {
    m_retryTimer.setSingleShot(true);
    m_retryTimer.setInterval(retryInterval);
    QObject::connect(&m_retryTimer, &QTimer::timeout, &m_retryTimer, [this] { retryHold(); });
}

QFuture<Result<void>> CatalogService::load() {
    using Streams = std::vector<Stream>;
    auto read = m_loop.call<Streams>([this](auto done) { m_store.allStreams(std::move(done)); });
    return read.then([this](const Result<Streams>& streams) -> Result<void> {
        if (!streams) return std::unexpected(streams.error());
        for (const Stream& stream : *streams) m_streams.insert_or_assign(stream.id.text(), stream);
        applyPolicy();
        return {};
    });
}

const Stream* CatalogService::find(std::string_view id) const {
    const auto found = m_streams.find(id);
    return found == m_streams.end() ? nullptr : &found->second;
}

StreamList CatalogService::list(const StreamQuery& query) const {
    StreamList page;
    for (auto entry = m_streams.upper_bound(query.after); entry != m_streams.end(); ++entry) {
        const Stream& stream = entry->second;
        if (query.enabled && stream.enabled != *query.enabled) continue;
        if (!containsIgnoringCase(stream.name, query.text) && !containsIgnoringCase(stream.id.text(), query.text))
            continue;
        if (query.state && state(stream.id) != *query.state) continue;
        if (page.streams.size() == query.limit) {
            page.next = page.streams.back()->id.text();
            break;
        }
        page.streams.push_back(&stream);
    }
    return page;
}

QFuture<Outcome<CreatedStream>> CatalogService::create(api::StreamDraft draft) {
    const int attempts = draft.id ? 1 : kIdAttempts;
    return tryCreate(draft, makeStreamKey(KeyRole::Primary, m_clock.unix()), attempts);
}

// An id we made up may have been used before: ids are never reused, and only the catalog knows those of removed
// streams.
CatalogService::CreateOutcome CatalogService::tryCreate(const api::StreamDraft& draft, const api::IssuedKey& key,
                                                        int attemptsLeft) {
    const UnixTime now = m_clock.unix();
    const Stream stream{.id = draft.id ? *draft.id : makeStreamId(draft.name),
                        .name = draft.name,
                        .enabled = draft.enabled,
                        .settings = draft.settings,
                        .keys = {key.record},
                        .createdAt = now,
                        .updatedAt = now};
    auto stored = m_loop.call<Stream>([&](auto done) { m_store.createStream(stream, std::move(done)); });
    return stored
        .then([this, draft, key, attemptsLeft](const Result<Stream>& result) -> CreateOutcome {
            if (!result && result.error().code == ErrorCode::Conflict && attemptsLeft > 1)
                return tryCreate(draft, key, attemptsLeft - 1);
            const Outcome<Stream> kept = keep(result);
            if (!kept) return refused<CreatedStream>(kept.error());
            return readyFuture<Outcome<CreatedStream>>(CreatedStream{*kept, key});
        })
        .unwrap();
}

QFuture<Outcome<Stream>> CatalogService::patch(const StreamId& id, QJsonObject patch) {
    auto promise = std::make_shared<QPromise<Outcome<Stream>>>();
    promise->start();
    auto& waiting = m_patches[id];
    waiting.push_back([this, id, patch = std::move(patch), promise] {
        writePatch(id, patch).then([this, id, promise](const Outcome<Stream>& outcome) {
            promise->addResult(outcome);
            promise->finish();
            runNextPatch(id);
        });
    });
    if (waiting.size() == 1) waiting.front()();
    return promise->future();
}

void CatalogService::runNextPatch(const StreamId& id) {
    auto& waiting = m_patches[id];
    // It is this one that is running: its captures must outlive the call.
    const auto finished = std::move(waiting.front());
    waiting.pop_front();
    if (waiting.empty())
        m_patches.erase(id);
    else
        waiting.front()();
}

QFuture<Outcome<Stream>> CatalogService::writePatch(const StreamId& id, const QJsonObject& patch) {
    const Stream* current = find(id.text());
    if (!current) return refused<Stream>(unknownStream(id));
    const Outcome<api::StreamDraft> draft = api::parseStreamPatch(*current, patch, m_defaults);
    if (!draft) return refused<Stream>(draft.error());
    Stream changed = *current;
    changed.name = draft->name;
    changed.enabled = draft->enabled;
    changed.settings = draft->settings;
    changed.updatedAt = m_clock.unix();
    auto stored = m_loop.call<Stream>([&](auto done) { m_store.updateStream(std::move(changed), std::move(done)); });
    return stored.then([this](const Result<Stream>& result) { return keep(result); });
}

QFuture<Outcome<void>> CatalogService::remove(const StreamId& id) {
    if (!find(id.text())) return refused<void>(unknownStream(id));
    auto removed = m_loop.call<void>([&](auto done) { m_store.removeStream(id, std::move(done)); });
    return removed.then([this, id](const Result<void>& result) -> Outcome<void> {
        if (!result) return std::unexpected(m_health.failed(result.error()));
        m_health.succeeded();
        m_streams.erase(id.text());
        m_unstoredHolds.erase(id);
        applyPolicy();
        return {};
    });
}

QFuture<Outcome<void>> CatalogService::stop(const StreamId& id, Seconds hold) {
    auto stopped = m_loop.call<void>([&](auto done) { m_plane.stop(id, hold, std::move(done)); });
    return stopped
        .then([this, id, hold](const Result<void>& result) {
            if (!result) return refused<void>(api::problemFor(result.error()));
            const Stream* stream = find(id.text());
            const bool isHeld = stream && (stream->heldUntil > now() || m_unstoredHolds.contains(id));
            if (!stream || (hold == Seconds(0) && !isHeld)) return readyFuture(Outcome<void>());
            return setHold(id, hold == Seconds(0) ? UnixTime{} : now() + hold);
        })
        .unwrap();
}

QFuture<Outcome<void>> CatalogService::setHold(const StreamId& id, UnixTime until) {
    m_unstoredHolds[id] = until;
    m_streams.at(id.text()).heldUntil = until;
    applyPolicy();
    return storeHold(id).then([this, id](const Result<Stream>& result) -> Outcome<void> {
        const Outcome<Stream> kept = keep(result);
        if (kept) return {};
        if (!find(id.text())) return std::unexpected(unknownStream(id));  // deleted meanwhile
        api::Problem problem = kept.error();
        problem.detail =
            "Done, but not stored: until it is, which the server goes on trying, a restart would not know of it. " +
            problem.detail;
        return std::unexpected(std::move(problem));
    });
}

QFuture<Result<Stream>> CatalogService::storeHold(const StreamId& id) {
    const UnixTime until = m_unstoredHolds.at(id);
    auto stored = m_loop.call<Stream>([&](auto done) { m_store.holdStream(id, until, std::move(done)); });
    return stored.then([this, id, until](const Result<Stream>& result) {
        const auto unstored = m_unstoredHolds.find(id);
        if (result && unstored != m_unstoredHolds.end() && unstored->second == until) m_unstoredHolds.erase(unstored);
        if (!result && !m_retryTimer.isActive()) m_retryTimer.start();
        return result;
    });
}

void CatalogService::storeHolds() {
    for (const auto& [id, until] : m_unstoredHolds) m_store.holdStream(id, until, [](const Result<Stream>&) {});
}

// One at a time, in turn, so that a catalog that is slow to say no does not get behind.
void CatalogService::retryHold() {
    if (m_unstoredHolds.empty()) return;
    auto next = m_unstoredHolds.upper_bound(m_retriedHold);
    if (next == m_unstoredHolds.end()) next = m_unstoredHolds.begin();
    m_retriedHold = next->first;
    storeHold(next->first).then([this](const Result<Stream>& result) {
        if (result)
            (void)keep(result);
        else
            m_health.missed(result.error());
        if (!m_retryTimer.isActive()) retryHold();
    });
}

QFuture<Outcome<api::IssuedKey>> CatalogService::issueKey(const StreamId& id, KeyRole role) {
    using Issued = Outcome<api::IssuedKey>;
    if (!find(id.text())) return refused<api::IssuedKey>(unknownStream(id));
    const api::IssuedKey key = makeStreamKey(role, m_clock.unix());
    auto stored = m_loop.call<Stream>([&](auto done) { m_store.addKey(id, key.record, std::move(done)); });
    return stored.then([this, key](const Result<Stream>& result) -> Issued {
        const Outcome<Stream> kept = keep(result);
        if (!kept) return std::unexpected(kept.error());
        return key;
    });
}

QFuture<Outcome<void>> CatalogService::revokeKey(const StreamId& id, std::string keyId) {
    if (!find(id.text())) return refused<void>(unknownStream(id));
    auto stored = m_loop.call<Stream>([&](auto done) { m_store.removeKey(id, std::move(keyId), std::move(done)); });
    return stored.then([this](const Result<Stream>& result) -> Outcome<void> {
        const Outcome<Stream> kept = keep(result);
        if (!kept) return std::unexpected(kept.error());
        return {};
    });
}

void CatalogService::noteWrite(const Result<void>& answer) {
    if (answer)
        m_health.succeeded();
    else
        m_health.missed(answer.error());
}

Outcome<Stream> CatalogService::keep(const Result<Stream>& stored) {
    if (!stored) return std::unexpected(m_health.failed(stored.error()));
    m_health.succeeded();
    Stream stream = *stored;
    if (const auto hold = m_unstoredHolds.find(stream.id); hold != m_unstoredHolds.end())
        stream.heldUntil = hold->second;
    m_streams.insert_or_assign(stream.id.text(), stream);
    applyPolicy();
    return stream;
}

void CatalogService::applyPolicy() { m_plane.apply(makePolicy(m_streams)); }

}  // namespace live::control
