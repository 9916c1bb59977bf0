#include "server/catalog/sqlite_store.h"

#include <optional>

#include "server/catalog/call_queue.h"
#include "server/catalog/sqlite/catalog.h"

namespace live::catalog {

namespace {
using Kind = Call::Kind;

// Runs `work` on the catalog and gives its result to `done`.
template <class T, class Work>
class CatalogCall final : public Call {
public:
    CatalogCall(sqlite::Catalog& catalog, Kind kind, Done<T> done, Work work)
        : m_catalog(catalog), m_kind(kind), m_done(std::move(done)), m_work(std::move(work)) {}

    Kind kind() const override { return m_kind; }
    void run() override { m_result = m_work(m_catalog); }
    void answer() override { m_done(std::move(*m_result)); }
    void refuse(const Error& reason) override { m_done(std::unexpected(reason)); }

private:
    sqlite::Catalog& m_catalog;
    const Kind m_kind;
    Done<T> m_done;
    const Work m_work;
    std::optional<Result<T>> m_result;
};

class SqliteStore final : public Store {
public:
    explicit SqliteStore(sqlite::Catalog catalog)
        : m_catalog(std::move(catalog)), m_queue(kMaxQueued, [this](const Calls& calls) { work(calls); }) {}

    void createStream(Stream stream, Done<Stream> done) override {
        write(std::move(done), [stream = std::move(stream)](auto& catalog) { return catalog.createStream(stream); });
    }
    void allStreams(Done<std::vector<Stream>> done) override {
        read(std::move(done), [](auto& catalog) { return catalog.allStreams(); });
    }
    void updateStream(Stream stream, Done<Stream> done) override {
        write(std::move(done), [stream = std::move(stream)](auto& catalog) { return catalog.updateStream(stream); });
    }
    void holdStream(StreamId id, UnixTime until, Done<Stream> done) override {
        write(std::move(done), [id = std::move(id), until](auto& catalog) { return catalog.holdStream(id, until); });
    }
    void removeStream(StreamId id, Done<void> done) override {
        write(std::move(done), [id = std::move(id)](auto& catalog) { return catalog.removeStream(id); });
    }
    void addKey(StreamId id, StreamKey key, Done<Stream> done) override {
        write(std::move(done),
              [id = std::move(id), key = std::move(key)](auto& catalog) { return catalog.addKey(id, key); });
    }
    void removeKey(StreamId id, std::string keyId, Done<Stream> done) override {
        write(std::move(done),
              [id = std::move(id), keyId = std::move(keyId)](auto& catalog) { return catalog.removeKey(id, keyId); });
    }
    void addToken(std::string sha256, std::string name, Done<void> done) override {
        write(std::move(done), [sha256 = std::move(sha256), name = std::move(name)](auto& catalog) {
            return catalog.addToken(sha256, name);
        });
    }
    void tokens(Done<std::map<std::string, std::string>> done) override {
        read(std::move(done), [](auto& catalog) { return catalog.tokens(); });
    }
    void putBroadcast(BroadcastRecord record, Done<void> done) override {
        write(std::move(done), [record = std::move(record)](auto& catalog) { return catalog.putBroadcast(record); });
    }
    void broadcasts(Done<std::vector<BroadcastRecord>> done) override {
        read(std::move(done), [](auto& catalog) { return catalog.broadcasts(); });
    }
    void removeBroadcast(StreamId id, Done<void> done) override {
        write(std::move(done), [id = std::move(id)](auto& catalog) { return catalog.removeBroadcast(id); });
    }
    std::size_t queuedCalls() const override { return m_queue.size(); }

private:
    template <class T, class Work>
    void read(Done<T> done, Work work) {
        post(Kind::Read, std::move(done), std::move(work));
    }
    template <class T, class Work>
    void write(Done<T> done, Work work) {
        post(Kind::Write, std::move(done), std::move(work));
    }
    template <class T, class Work>
    void post(Kind kind, Done<T> done, Work work) {
        m_queue.post(std::make_unique<CatalogCall<T, Work>>(m_catalog, kind, std::move(done), std::move(work)));
    }

    // Waiting for the disk is most of what a write costs: writes that wait together are committed together. If that
    // fails, each is tried by itself, to succeed or fail for its own reason.
    void work(const Calls& calls) {
        const Result<bool> isKept = calls.size() > 1 ? runTogether(calls) : false;
        for (const auto& call : calls) {
            if (!isKept) {
                call->refuse(isKept.error());
                continue;
            }
            if (!*isKept) call->run();
            call->answer();
        }
    }
    Result<bool> runTogether(const Calls& calls) {
        return m_catalog.together([next = calls.begin(), end = calls.end()] mutable {
            (*next)->run();
            return ++next != end;
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
