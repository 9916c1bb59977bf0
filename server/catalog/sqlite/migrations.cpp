#include "server/catalog/sqlite/migrations.h"

#include <iterator>

namespace live::catalog::sqlite {

namespace {
// Step n brings schema n - 1 to n. Steps are never changed once released; a change is another step.
// Times are nanoseconds since the Unix epoch.
constexpr const char* kSteps[] = {
    // 1
    R"(
CREATE TABLE streams (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    enabled INTEGER NOT NULL,
    segment_duration_s INTEGER NOT NULL,
    latency_profile TEXT NOT NULL,
    window_s INTEGER,
    created_ns INTEGER NOT NULL,
    updated_ns INTEGER NOT NULL
) WITHOUT ROWID, STRICT;

-- A stream without rungs has the server's ladder.
CREATE TABLE rungs (
    stream_id TEXT NOT NULL REFERENCES streams(id) ON DELETE CASCADE,
    height INTEGER NOT NULL,
    bitrate_bps INTEGER NOT NULL,
    PRIMARY KEY (stream_id, height)
) WITHOUT ROWID, STRICT;

CREATE TABLE keys (
    stream_id TEXT NOT NULL REFERENCES streams(id) ON DELETE CASCADE,
    id TEXT NOT NULL,
    position INTEGER NOT NULL,
    role TEXT NOT NULL,
    sha256 TEXT NOT NULL UNIQUE,
    hint TEXT NOT NULL,
    created_ns INTEGER NOT NULL,
    PRIMARY KEY (stream_id, id)
) WITHOUT ROWID, STRICT;

-- Ids that were streams once and may not be streams again: their URLs may still be cached.
CREATE TABLE removed_streams (id TEXT PRIMARY KEY) WITHOUT ROWID, STRICT;

CREATE TABLE tokens (sha256 TEXT PRIMARY KEY, name TEXT NOT NULL) WITHOUT ROWID, STRICT;

CREATE TABLE broadcasts (
    stream_id TEXT PRIMARY KEY REFERENCES streams(id) ON DELETE CASCADE,
    broadcast_id TEXT NOT NULL,
    plan BLOB NOT NULL,
    boot_id TEXT NOT NULL,
    clock_offset_ns INTEGER NOT NULL,
    high_water_ns INTEGER NOT NULL,
    is_ended INTEGER NOT NULL
) WITHOUT ROWID, STRICT;
)",
    // 2
    "ALTER TABLE streams ADD COLUMN held_until_ns INTEGER NOT NULL DEFAULT 0",
};

Result<std::int64_t> schemaOf(Database& database) {
    LIVE_TRY(database.execute("CREATE TABLE IF NOT EXISTS schema_version (version INTEGER PRIMARY KEY) STRICT"));
    Statement query = database.statement("SELECT coalesce(max(version), 0) FROM schema_version");
    LIVE_TRY(query.step());
    return query.integer(0);
}
}  // namespace

std::int64_t newestSchema() { return std::ssize(kSteps); }

Result<void> migrate(Database& database) {
    const std::int64_t found = LIVE_TRY(schemaOf(database));
    if (found > newestSchema())
        return fail(ErrorCode::Conflict, "the catalog has schema " + std::to_string(found) +
                                             ", made by a newer liveserverd; this one knows schemas up to " +
                                             std::to_string(newestSchema()));
    for (std::int64_t step = found + 1; step <= newestSchema(); ++step) {
        Transaction transaction = LIVE_TRY(Transaction::begin(database));
        LIVE_TRY(database.execute(kSteps[step - 1]));
        LIVE_TRY(database.statement("INSERT INTO schema_version (version) VALUES (?)", step).run());
        LIVE_TRY(transaction.commit());
    }
    return {};
}

}  // namespace live::catalog::sqlite
