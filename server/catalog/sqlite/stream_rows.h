// Streams, their keys and rungs as rows.
#pragma once

#include "common/model/stream.h"
#include "server/catalog/sqlite/database.h"
#include "server/catalog/store.h"

namespace live::catalog::sqlite {

// No function here opens a transaction.
Result<bool> hasStream(Database& database, const StreamId& id);
Result<bool> wasStream(Database& database, const StreamId& id);
Result<Stream> readStream(Database& database, const StreamId& id);  // NotFound
// With its keys, without a hold. The row's id must not exist; Conflict for a key whose id or hash is taken.
Result<void> insertStream(Database& database, const Stream& stream);
Result<void> replaceStream(Database& database, const Stream& stream);  // not its keys, hold and creation time
Result<void> setHeldUntil(Database& database, const StreamId& id, UnixTime until);
Result<void> insertKey(Database& database, const StreamId& id, const StreamKey& key);
Result<void> removeKeyRow(Database& database, const StreamId& id, const std::string& keyId);  // NotFound
// All of them, ascending by id; keys and rungs included.
Result<std::vector<Stream>> readStreams(Database& database);

}  // namespace live::catalog::sqlite
