#include "server/catalog/sqlite/stream_rows.h"

namespace live::catalog::sqlite {

namespace {
std::int64_t toRow(UnixTime time) { return time.time_since_epoch().count(); }
UnixTime toTime(std::int64_t nanoseconds) { return UnixTime(Nanoseconds(nanoseconds)); }

std::optional<std::int64_t> toRow(const std::optional<Seconds>& duration) {
    return duration ? std::optional<std::int64_t>(duration->count()) : std::nullopt;
}

Result<bool> exists(Statement query) { return query.step(); }

Result<void> readRungs(Database& database, Stream& stream) {
    Statement query = database.statement(
        "SELECT height, bitrate_bps FROM rungs WHERE stream_id = ? ORDER BY height DESC", stream.id.text());
    while (LIVE_TRY(query.step())) {
        if (!stream.settings.ladder) stream.settings.ladder.emplace();
        stream.settings.ladder->push_back({static_cast<std::uint32_t>(query.integer(0)), query.integer(1)});
    }
    return {};
}

Result<void> readKeys(Database& database, Stream& stream) {
    Statement query = database.statement(
        "SELECT id, role, sha256, hint, created_ns FROM keys WHERE stream_id = ? ORDER BY position, id",
        stream.id.text());
    while (LIVE_TRY(query.step())) {
        const KeyRole role = LIVE_TRY(parseKeyRole(query.text(1)));
        stream.keys.push_back({query.text(0), role, query.text(2), query.text(3), toTime(query.integer(4))});
    }
    return {};
}

constexpr std::string_view kSelectStreams =
    "SELECT id, name, enabled, segment_duration_s, latency_profile, window_s, created_ns, updated_ns, held_until_ns "
    "FROM streams WHERE id BETWEEN ? AND ? ORDER BY id";
constexpr std::string_view kBehindAllIds = "~";

// Of a row of kSelectStreams.
Result<Stream> streamOf(Database& database, const Statement& row) {
    Stream stream;
    stream.id = LIVE_TRY(StreamId::parse(row.text(0)));
    stream.name = row.text(1);
    stream.enabled = row.integer(2) != 0;
    stream.settings.segmentDuration = Seconds(row.integer(3));
    stream.settings.latencyProfile = LIVE_TRY(parseLatencyProfile(row.text(4)));
    if (!row.isNull(5)) stream.settings.window = Seconds(row.integer(5));
    stream.createdAt = toTime(row.integer(6));
    stream.updatedAt = toTime(row.integer(7));
    stream.heldUntil = toTime(row.integer(8));
    LIVE_TRY(readRungs(database, stream));
    LIVE_TRY(readKeys(database, stream));
    return stream;
}

Result<void> insertRungs(Database& database, const Stream& stream) {
    for (const Rung& rung : stream.settings.ladder.value_or(Ladder()))
        LIVE_TRY(database
                     .statement("INSERT INTO rungs (stream_id, height, bitrate_bps) VALUES (?, ?, ?)", stream.id.text(),
                                std::int64_t(rung.height), rung.bitrate)
                     .run());
    return {};
}
}  // namespace

Result<bool> hasStream(Database& database, const StreamId& id) {
    return exists(database.statement("SELECT 1 FROM streams WHERE id = ?", id.text()));
}

Result<bool> wasStream(Database& database, const StreamId& id) {
    return exists(database.statement("SELECT 1 FROM removed_streams WHERE id = ?", id.text()));
}

Result<Stream> readStream(Database& database, const StreamId& id) {
    Statement query = database.statement(kSelectStreams, id.text(), id.text());
    if (!LIVE_TRY(query.step())) return fail(ErrorCode::NotFound, "there is no stream '" + id.text() + "'");
    return streamOf(database, query);
}

Result<void> insertStream(Database& database, const Stream& stream) {
    const BroadcastSettings& settings = stream.settings;
    LIVE_TRY(database
                 .statement("INSERT INTO streams (id, name, enabled, segment_duration_s, latency_profile, window_s, "
                            "created_ns, updated_ns) "
                            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                            stream.id.text(), stream.name, std::int64_t(stream.enabled),
                            settings.segmentDuration.count(), toString(settings.latencyProfile), toRow(settings.window),
                            toRow(stream.createdAt), toRow(stream.updatedAt))
                 .run());
    LIVE_TRY(insertRungs(database, stream));
    for (const StreamKey& key : stream.keys) LIVE_TRY(insertKey(database, stream.id, key));
    return {};
}

Result<void> replaceStream(Database& database, const Stream& stream) {
    const BroadcastSettings& settings = stream.settings;
    LIVE_TRY(database.statement("DELETE FROM rungs WHERE stream_id = ?", stream.id.text()).run());
    LIVE_TRY(
        database
            .statement(
                "UPDATE streams SET name = ?, enabled = ?, segment_duration_s = ?, latency_profile = ?, window_s = ?, "
                "updated_ns = ? WHERE id = ?",
                stream.name, std::int64_t(stream.enabled), settings.segmentDuration.count(),
                toString(settings.latencyProfile), toRow(settings.window), toRow(stream.updatedAt), stream.id.text())
            .run());
    return insertRungs(database, stream);
}

Result<void> setHeldUntil(Database& database, const StreamId& id, UnixTime until) {
    return database.statement("UPDATE streams SET held_until_ns = ? WHERE id = ?", toRow(until), id.text()).run();
}

Result<void> insertKey(Database& database, const StreamId& id, const StreamKey& key) {
    if (LIVE_TRY(exists(database.statement("SELECT 1 FROM keys WHERE stream_id = ? AND id = ?", id.text(), key.id))))
        return fail(ErrorCode::Conflict, "stream '" + id.text() + "' already has a key with id '" + key.id + "'");
    if (LIVE_TRY(exists(database.statement("SELECT 1 FROM keys WHERE sha256 = ?", key.sha256))))
        return fail(ErrorCode::Conflict, "another stream has the same key; make another one");
    return database
        .statement(
            "INSERT INTO keys (stream_id, id, position, role, sha256, hint, created_ns) VALUES (?, ?, "
            "(SELECT coalesce(max(position), 0) + 1 FROM keys WHERE stream_id = ?), ?, ?, ?, ?)",
            id.text(), key.id, id.text(), toString(key.role), key.sha256, key.hint, toRow(key.createdAt))
        .run();
}

Result<void> removeKeyRow(Database& database, const StreamId& id, const std::string& keyId) {
    if (!LIVE_TRY(exists(database.statement("SELECT 1 FROM keys WHERE stream_id = ? AND id = ?", id.text(), keyId))))
        return fail(ErrorCode::NotFound, "stream '" + id.text() + "' has no key with id '" + keyId + "'");
    return database.statement("DELETE FROM keys WHERE stream_id = ? AND id = ?", id.text(), keyId).run();
}

Result<std::vector<Stream>> readStreams(Database& database) {
    Statement query = database.statement(kSelectStreams, std::string_view(), kBehindAllIds);
    std::vector<Stream> streams;
    while (LIVE_TRY(query.step())) streams.push_back(LIVE_TRY(streamOf(database, query)));
    return streams;
}

}  // namespace live::catalog::sqlite
