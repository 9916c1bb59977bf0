#include "server/catalog/sqlite_store.h"

#include "server/catalog/call_queue.h"
#include "server/catalog/sqlite/catalog.h"

namespace live::catalog {

namespace {
class SqliteStore final : public Store {
public:
    explicit SqliteStore(sqlite::Catalog catalog) : m_catalog(std::move(catalog)), m_queue(kMaxQueued) {}

    void createStream(Stream stream, Done<Stream> done) override {
        post(std::move(done), [stream = std::move(stream)](auto& catalog) { return catalog.createStream(stream); });
    }
    void stream(StreamId id, Done<Stream> done) override {
        post(std::move(done), [id = std::move(id)](auto& catalog) { return catalog.stream(id); });
    }
    void streams(StreamFilter filter, Done<StreamPage> done) override {
        post(std::move(done), [filter = std::move(filter)](auto& catalog) { return catalog.streams(filter); });
    }
    void allStreams(Done<std::vector<Stream>> done) override {
        post(std::move(done), [](auto& catalog) { return catalog.allStreams(); });
    }
    void updateStream(Stream stream, Done<Stream> done) override {
        post(std::move(done), [stream = std::move(stream)](auto& catalog) { return catalog.updateStream(stream); });
    }
    void removeStream(StreamId id, Done<void> done) override {
        post(std::move(done), [id = std::move(id)](auto& catalog) { return catalog.removeStream(id); });
    }
    void addKey(StreamId id, StreamKey key, Done<Stream> done) override {
        post(std::move(done),
             [id = std::move(id), key = std::move(key)](auto& catalog) { return catalog.addKey(id, key); });
    }
    void removeKey(StreamId id, std::string keyId, Done<Stream> done) override {
        post(std::move(done),
             [id = std::move(id), keyId = std::move(keyId)](auto& catalog) { return catalog.removeKey(id, keyId); });
    }
    void addToken(std::string sha256, std::string name, Done<void> done) override {
        post(std::move(done), [sha256 = std::move(sha256), name = std::move(name)](auto& catalog) {
            return catalog.addToken(sha256, name);
        });
    }
    void tokens(Done<std::map<std::string, std::string>> done) override {
        post(std::move(done), [](auto& catalog) { return catalog.tokens(); });
    }
    void putBroadcast(BroadcastRecord record, Done<void> done) override {
        post(std::move(done), [record = std::move(record)](auto& catalog) { return catalog.putBroadcast(record); });
    }
    void broadcasts(Done<std::vector<BroadcastRecord>> done) override {
        post(std::move(done), [](auto& catalog) { return catalog.broadcasts(); });
    }
    void removeBroadcast(StreamId id, Done<void> done) override {
        post(std::move(done), [id = std::move(id)](auto& catalog) { return catalog.removeBroadcast(id); });
    }

private:
    // Runs `work` on the catalog thread and gives its result to `done`, or the reason why it was not run.
    template <class T, class Work>
    void post(Done<T> done, Work work) {
        m_queue.post([this, done = std::move(done), work = std::move(work)](const Error* refusal) mutable {
            done(refusal ? Result<T>(std::unexpected(*refusal)) : work(m_catalog));
        });
    }

    sqlite::Catalog m_catalog;
    CallQueue m_queue;  // last: its thread uses the catalog and ends first
};
}  // namespace

Result<std::unique_ptr<Store>> openSqlite(const std::filesystem::path& path) {
    return std::make_unique<SqliteStore>(LIVE_TRY(sqlite::Catalog::open(path)));
}

}  // namespace live::catalog
