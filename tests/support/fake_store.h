// An in-memory catalog::Store with a real catalog thread: as asynchronous, ordered and strict as the stored one.
#pragma once

#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <thread>

#include "server/catalog/store.h"

namespace live::test {

// Any thread. Destruction runs what is queued first.
class FakeStore final : public catalog::Store {
public:
    FakeStore();
    ~FakeStore() override;

    // From now on every call fails with `code`; nothing: works again.
    void failWith(std::optional<ErrorCode> code);
    // Calls wait until release().
    void hold();
    void release();

    void createStream(Stream stream, catalog::Done<Stream> done) override;
    void allStreams(catalog::Done<std::vector<Stream>> done) override;
    void updateStream(Stream stream, catalog::Done<Stream> done) override;
    void holdStream(StreamId id, UnixTime until, catalog::Done<Stream> done) override;
    void removeStream(StreamId id, catalog::Done<void> done) override;
    void addKey(StreamId id, StreamKey key, catalog::Done<Stream> done) override;
    void removeKey(StreamId id, std::string keyId, catalog::Done<Stream> done) override;
    void addToken(std::string sha256, std::string name, catalog::Done<void> done) override;
    void tokens(catalog::Done<std::map<std::string, std::string>> done) override;
    void putBroadcast(catalog::BroadcastRecord record, catalog::Done<void> done) override;
    void broadcasts(catalog::Done<std::vector<catalog::BroadcastRecord>> done) override;
    void removeBroadcast(StreamId id, catalog::Done<void> done) override;
    std::size_t queuedCalls() const override;

private:
    template <class T, class Work>
    void queue(catalog::Done<T> done, Work work);
    void run();
    Result<Stream*> existing(const StreamId& id);

    mutable std::mutex m_mutex;
    std::condition_variable m_wake;
    std::deque<std::move_only_function<void()>> m_queue;
    std::optional<ErrorCode> m_failure;
    bool m_isHeld = false;
    bool m_isStopping = false;

    // Catalog thread only.
    std::map<StreamId, Stream> m_streams;
    std::set<StreamId> m_usedIds;
    std::map<std::string, std::string> m_tokens;
    std::map<StreamId, catalog::BroadcastRecord> m_broadcasts;

    std::thread m_thread;
};

}  // namespace live::test
