#include "server/catalog/sqlite/catalog.h"

#include "server/catalog/sqlite/migrations.h"
#include "server/catalog/sqlite/stream_rows.h"

namespace live::catalog::sqlite {

namespace {
std::string quotedId(const StreamId& id) { return "'" + id.text() + "'"; }
}  // namespace

Result<Catalog> Catalog::open(const std::filesystem::path& path) {
    Catalog catalog(LIVE_TRY(Database::open(path)));
    if (Result<void> migrated = migrate(catalog.m_database); !migrated) {
        if (migrated.error().context.empty()) migrated.error().context = path.string();
        return std::unexpected(std::move(migrated).error());
    }
    return catalog;
}

Result<bool> Catalog::together(std::move_only_function<bool()> runNext) {
    Transaction transaction = LIVE_TRY(Transaction::begin(m_database));
    for (bool hasMore = true; hasMore;) {
        hasMore = runNext();
        // A full disk, for one, makes SQLite roll everything back at once; what came after that would not be part of
        // it.
        if (!m_database.isInTransaction()) return false;
    }
    return transaction.commit().has_value();
}

Result<Stream> Catalog::createStream(const Stream& stream) {
    Transaction transaction = LIVE_TRY(Transaction::begin(m_database));
    if (LIVE_TRY(hasStream(m_database, stream.id)))
        return fail(ErrorCode::Conflict, "stream id " + quotedId(stream.id) + " is taken; choose another");
    if (LIVE_TRY(wasStream(m_database, stream.id)))
        return fail(ErrorCode::Conflict,
                    "stream id " + quotedId(stream.id) + " was used before and is never used again; choose another");
    LIVE_TRY(insertStream(m_database, stream));
    Stream stored = LIVE_TRY(readStream(m_database, stream.id));
    LIVE_TRY(transaction.commit());
    return stored;
}

Result<std::vector<Stream>> Catalog::allStreams() { return readStreams(m_database); }

Result<Stream> Catalog::updateStream(const Stream& stream) {
    Transaction transaction = LIVE_TRY(Transaction::begin(m_database));
    LIVE_TRY(checkExists(stream.id));
    LIVE_TRY(replaceStream(m_database, stream));
    Stream stored = LIVE_TRY(readStream(m_database, stream.id));
    LIVE_TRY(transaction.commit());
    return stored;
}

Result<Stream> Catalog::holdStream(const StreamId& id, UnixTime until) {
    Transaction transaction = LIVE_TRY(Transaction::begin(m_database));
    LIVE_TRY(setHeldUntil(m_database, id, until));
    Stream stored = LIVE_TRY(readStream(m_database, id));
    LIVE_TRY(transaction.commit());
    return stored;
}

Result<void> Catalog::removeStream(const StreamId& id) {
    Transaction transaction = LIVE_TRY(Transaction::begin(m_database));
    LIVE_TRY(checkExists(id));
    LIVE_TRY(m_database.statement("DELETE FROM streams WHERE id = ?", id.text()).run());
    LIVE_TRY(m_database.statement("INSERT INTO removed_streams (id) VALUES (?)", id.text()).run());
    return transaction.commit();
}

Result<Stream> Catalog::addKey(const StreamId& id, const StreamKey& key) {
    Transaction transaction = LIVE_TRY(Transaction::begin(m_database));
    if (LIVE_TRY(readStream(m_database, id)).keys.size() >= Store::kMaxKeys)
        return fail(ErrorCode::Conflict, "stream " + quotedId(id) + " has " + std::to_string(Store::kMaxKeys) +
                                             " keys, as many as there may be; revoke one first");
    LIVE_TRY(insertKey(m_database, id, key));
    Stream stored = LIVE_TRY(readStream(m_database, id));
    LIVE_TRY(transaction.commit());
    return stored;
}

Result<Stream> Catalog::removeKey(const StreamId& id, const std::string& keyId) {
    Transaction transaction = LIVE_TRY(Transaction::begin(m_database));
    LIVE_TRY(checkExists(id));
    LIVE_TRY(removeKeyRow(m_database, id, keyId));
    Stream stored = LIVE_TRY(readStream(m_database, id));
    LIVE_TRY(transaction.commit());
    return stored;
}

Result<void> Catalog::addToken(const std::string& sha256, const std::string& name) {
    return m_database
        .statement(
            "INSERT INTO tokens (sha256, name) VALUES (?, ?) "
            "ON CONFLICT (sha256) DO UPDATE SET name = excluded.name",
            sha256, name)
        .run();
}

Result<std::map<std::string, std::string>> Catalog::tokens() {
    Statement query = m_database.statement("SELECT sha256, name FROM tokens");
    std::map<std::string, std::string> tokens;
    while (LIVE_TRY(query.step())) tokens.emplace(query.text(0), query.text(1));
    return tokens;
}

Result<void> Catalog::putBroadcast(const BroadcastRecord& record) {
    LIVE_TRY(checkExists(record.stream));
    return m_database
        .statement(
            "INSERT INTO broadcasts (stream_id, broadcast_id, plan, boot_id, clock_offset_ns, high_water_ns, is_ended) "
            "VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (stream_id) DO UPDATE SET broadcast_id = excluded.broadcast_id, "
            "plan = excluded.plan, boot_id = excluded.boot_id, clock_offset_ns = excluded.clock_offset_ns, "
            "high_water_ns = excluded.high_water_ns, is_ended = excluded.is_ended",
            record.stream.text(), record.broadcast, ByteView(record.plan), record.bootId, record.clockOffsetNs,
            record.highWaterNs, std::int64_t(record.isEnded))
        .run();
}

Result<std::vector<BroadcastRecord>> Catalog::broadcasts() {
    Statement query = m_database.statement(
        "SELECT stream_id, broadcast_id, plan, boot_id, clock_offset_ns, high_water_ns, "
        "is_ended FROM broadcasts ORDER BY stream_id");
    std::vector<BroadcastRecord> records;
    while (LIVE_TRY(query.step()))
        records.push_back({LIVE_TRY(StreamId::parse(query.text(0))), query.text(1), query.blob(2), query.text(3),
                           query.integer(4), query.integer(5), query.integer(6) != 0});
    return records;
}

Result<void> Catalog::removeBroadcast(const StreamId& id) {
    return m_database.statement("DELETE FROM broadcasts WHERE stream_id = ?", id.text()).run();
}

Result<void> Catalog::checkExists(const StreamId& id) {
    if (!LIVE_TRY(hasStream(m_database, id))) return fail(ErrorCode::NotFound, "there is no stream " + quotedId(id));
    return {};
}

}  // namespace live::catalog::sqlite
