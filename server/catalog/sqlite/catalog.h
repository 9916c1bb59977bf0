// The Store's calls, synchronously, on SQLite. Each either happens whole or not at all.
#pragma once

#include <functional>

#include "server/catalog/sqlite/database.h"
#include "server/catalog/store.h"

namespace live::catalog::sqlite {

// One thread at a time. Semantics and errors are those of Store.
class Catalog {
public:
    // Opens or makes the file and brings its tables up to date.
    static Result<Catalog> open(const std::filesystem::path& path);

    // Calls of this catalog in one transaction, for one wait for the disk: `runNext` makes one call and says whether
    // there are more. True: all that succeeded is on the disk. False: nothing is, and some may not have been made. An
    // error: none was made.
    Result<bool> together(std::move_only_function<bool()> runNext);

    Result<Stream> createStream(const Stream& stream);
    Result<std::vector<Stream>> allStreams();
    Result<Stream> updateStream(const Stream& stream);
    Result<Stream> holdStream(const StreamId& id, UnixTime until);
    Result<void> removeStream(const StreamId& id);
    Result<Stream> addKey(const StreamId& id, const StreamKey& key);
    Result<Stream> removeKey(const StreamId& id, const std::string& keyId);

    Result<void> addToken(const std::string& sha256, const std::string& name);
    Result<std::map<std::string, std::string>> tokens();

    Result<void> putBroadcast(const BroadcastRecord& record);
    Result<std::vector<BroadcastRecord>> broadcasts();
    Result<void> removeBroadcast(const StreamId& id);

private:
    explicit Catalog(Database database) : m_database(std::move(database)) {}
    Result<void> checkExists(const StreamId& id);

    Database m_database;
};

}  // namespace live::catalog::sqlite
