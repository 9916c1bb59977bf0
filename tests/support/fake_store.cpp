#include "tests/support/fake_store.h"

#include <algorithm>

namespace live::test {

FakeStore::FakeStore() : m_thread([this] { run(); }) {}

FakeStore::~FakeStore() {
    {
        const std::lock_guard lock(m_mutex);
        m_isStopping = true;
        m_isHeld = false;
    }
    m_wake.notify_one();
    m_thread.join();
}

void FakeStore::failWith(std::optional<ErrorCode> code) {
    const std::lock_guard lock(m_mutex);
    m_failure = code;
}

void FakeStore::hold() {
    const std::lock_guard lock(m_mutex);
    m_isHeld = true;
}

void FakeStore::release() {
    {
        const std::lock_guard lock(m_mutex);
        m_isHeld = false;
    }
    m_wake.notify_one();
}

std::size_t FakeStore::queuedCalls() const {
    const std::lock_guard lock(m_mutex);
    return m_queue.size();
}

void FakeStore::run() {
    while (true) {
        std::unique_lock lock(m_mutex);
        m_wake.wait(lock, [this] { return !m_isHeld && (m_isStopping || !m_queue.empty()); });
        if (m_queue.empty()) return;
        auto work = std::move(m_queue.front());
        m_queue.pop_front();
        lock.unlock();
        work();
    }
}

template <class T, class Work>
void FakeStore::queue(catalog::Done<T> done, Work work) {
    std::unique_lock lock(m_mutex);
    if (m_queue.size() >= kMaxQueued) {
        lock.unlock();
        return done(fail(ErrorCode::Overloaded, "the catalog has too much to do"));
    }
    m_queue.push_back([failure = m_failure, done = std::move(done), work = std::move(work)]() mutable {
        if (failure)
            done(fail(*failure, "the catalog is away"));
        else
            done(work());
    });
    lock.unlock();
    m_wake.notify_one();
}

Result<Stream*> FakeStore::existing(const StreamId& id) {
    const auto found = m_streams.find(id);
    if (found == m_streams.end()) return fail(ErrorCode::NotFound, "there is no stream '" + id.text() + "'");
    return &found->second;
}

void FakeStore::createStream(Stream stream, catalog::Done<Stream> done) {
    queue(std::move(done), [this, stream = std::move(stream)]() -> Result<Stream> {
        LIVE_ASSERT(!stream.id.empty() && validated(stream.settings));
        if (!m_usedIds.insert(stream.id).second)
            return fail(ErrorCode::Conflict, "the stream id '" + stream.id.text() + "' was used before");
        return m_streams[stream.id] = stream;
    });
}

void FakeStore::allStreams(catalog::Done<std::vector<Stream>> done) {
    queue(std::move(done), [this]() -> Result<std::vector<Stream>> {
        std::vector<Stream> all;
        for (const auto& [id, stream] : m_streams) all.push_back(stream);
        return all;
    });
}

void FakeStore::updateStream(Stream stream, catalog::Done<Stream> done) {
    queue(std::move(done), [this, stream = std::move(stream)]() -> Result<Stream> {
        LIVE_ASSERT(validated(stream.settings));
        Stream& stored = *LIVE_TRY(existing(stream.id));
        stored.name = stream.name;
        stored.enabled = stream.enabled;
        stored.settings = stream.settings;
        stored.updatedAt = stream.updatedAt;
        return stored;
    });
}

void FakeStore::holdStream(StreamId id, UnixTime until, catalog::Done<Stream> done) {
    queue(std::move(done), [this, id, until]() -> Result<Stream> {
        Stream& stored = *LIVE_TRY(existing(id));
        stored.heldUntil = until;
        return stored;
    });
}

void FakeStore::removeStream(StreamId id, catalog::Done<void> done) {
    queue(std::move(done), [this, id]() -> Result<void> {
        LIVE_TRY(existing(id));
        m_streams.erase(id);
        m_broadcasts.erase(id);
        return {};
    });
}

void FakeStore::addKey(StreamId id, StreamKey key, catalog::Done<Stream> done) {
    queue(std::move(done), [this, id, key = std::move(key)]() -> Result<Stream> {
        LIVE_ASSERT(key.sha256.size() == 64 && !key.id.empty());
        Stream& stored = *LIVE_TRY(existing(id));
        if (stored.keys.size() >= kMaxKeys) return fail(ErrorCode::Conflict, "the stream has as many keys as it may");
        stored.keys.push_back(key);
        return stored;
    });
}

void FakeStore::removeKey(StreamId id, std::string keyId, catalog::Done<Stream> done) {
    queue(std::move(done), [this, id, keyId = std::move(keyId)]() -> Result<Stream> {
        Stream& stored = *LIVE_TRY(existing(id));
        if (std::erase_if(stored.keys, [&](const StreamKey& key) { return key.id == keyId; }) == 0)
            return fail(ErrorCode::NotFound, "the stream has no key '" + keyId + "'");
        return stored;
    });
}

void FakeStore::addToken(std::string sha256, std::string name, catalog::Done<void> done) {
    queue(std::move(done), [this, sha256 = std::move(sha256), name = std::move(name)]() -> Result<void> {
        LIVE_ASSERT(sha256.size() == 64);
        m_tokens[sha256] = name;
        return {};
    });
}

void FakeStore::tokens(catalog::Done<std::map<std::string, std::string>> done) {
    queue(std::move(done), [this]() -> Result<std::map<std::string, std::string>> { return m_tokens; });
}

void FakeStore::putBroadcast(catalog::BroadcastRecord record, catalog::Done<void> done) {
    queue(std::move(done), [this, record = std::move(record)]() -> Result<void> {
        m_broadcasts[record.stream] = record;
        return {};
    });
}

void FakeStore::broadcasts(catalog::Done<std::vector<catalog::BroadcastRecord>> done) {
    queue(std::move(done), [this]() -> Result<std::vector<catalog::BroadcastRecord>> {
        std::vector<catalog::BroadcastRecord> all;
        for (const auto& [id, record] : m_broadcasts) all.push_back(record);
        return all;
    });
}

void FakeStore::removeBroadcast(StreamId id, catalog::Done<void> done) {
    queue(std::move(done), [this, id]() -> Result<void> {
        m_broadcasts.erase(id);
        return {};
    });
}

}  // namespace live::test
