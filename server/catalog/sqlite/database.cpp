#include "server/catalog/sqlite/database.h"

#include <sqlite3.h>

#include <system_error>

namespace live::catalog::sqlite {

namespace {
// "LIVE" in the file's header tells our databases from others (SQLite file format, offset 68).
constexpr std::int64_t kApplicationId = 0x4C495645;
constexpr int kBusyTimeoutMs = 2000;

Error explained(int code, int systemError, const char* message, const std::string& path) {
    const auto io = [&path](const std::string& what) { return Error{ErrorCode::Io, what, path}; };
    switch (code & 0xFF) {
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
            return {ErrorCode::Unavailable, "the catalog is locked by another program; try again later", path};
        case SQLITE_FULL: return io("the catalog can't be written: the disk is full");
        case SQLITE_CORRUPT: return io("the catalog is damaged; put a backup in its place");
        case SQLITE_NOTADB: return io("the file is not a catalog; move it away or choose another catalog.path");
        case SQLITE_READONLY: return io("the catalog is not writable");
        case SQLITE_CANTOPEN:
        case SQLITE_IOERR: {
            const std::string why = systemError != 0 ? std::generic_category().message(systemError) : message;
            return io(((code & 0xFF) == SQLITE_IOERR ? "the catalog can't be read or written: "
                                                     : "the catalog can't be opened: ") +
                      why);
        }
        case SQLITE_CONSTRAINT: return {ErrorCode::Conflict, message, path};
        default: return {ErrorCode::Internal, message, path};
    }
}
}  // namespace

void Database::Close::operator()(sqlite3* database) const { sqlite3_close_v2(database); }
void Database::Finalize::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }

Result<Database> Database::open(const std::filesystem::path& path) {
    sqlite3* handle = nullptr;
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    const int result = sqlite3_open_v2(path.c_str(), &handle, flags, nullptr);
    Database database(handle, path.string());
    if (result != SQLITE_OK) return std::unexpected(database.lastError());
    LIVE_TRY(database.configure());
    return database;
}

Result<void> Database::configure() {
    sqlite3_busy_timeout(m_database.get(), kBusyTimeoutMs);
    std::int64_t id = 0, tables = 0;
    {
        Statement query =
            statement("SELECT (SELECT application_id FROM pragma_application_id), count(*) FROM sqlite_master");
        if (LIVE_TRY(query.step())) {
            id = query.integer(0);
            tables = query.integer(1);
        }
    }
    if (id != kApplicationId && (id != 0 || tables != 0))
        return fail(ErrorCode::Conflict, "is a database of another program; choose another catalog.path", m_path);
    LIVE_TRY(execute("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"));
    if (id != kApplicationId) LIVE_TRY(execute("PRAGMA application_id=" + std::to_string(kApplicationId)));
    Statement check = statement("PRAGMA quick_check(1)");
    if (LIVE_TRY(check.step()) && check.text(0) != "ok")
        return fail(ErrorCode::Io, "the catalog is damaged; put a backup in its place", m_path);
    return {};
}

Result<void> Database::execute(const std::string& sql) {
    if (sqlite3_exec(m_database.get(), sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
        return std::unexpected(lastError());
    return {};
}

bool Database::isInTransaction() const { return sqlite3_get_autocommit(m_database.get()) == 0; }

Error Database::lastError() const {
    sqlite3* database = m_database.get();
    return explained(sqlite3_extended_errcode(database), sqlite3_system_errno(database), sqlite3_errmsg(database),
                     m_path);
}

Result<sqlite3_stmt*> Database::prepared(std::string_view sql) {
    auto& kept = m_statements[sql];
    if (!kept) {
        sqlite3_stmt* statement = nullptr;
        const int result = sqlite3_prepare_v3(m_database.get(), sql.data(), static_cast<int>(sql.size()),
                                              SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
        if (result != SQLITE_OK) return std::unexpected(lastError());
        kept.reset(statement);
    }
    LIVE_ASSERT(!sqlite3_stmt_busy(kept.get()));
    return kept.get();
}

Statement Database::prepare(std::string_view sql) { return Statement(*this, prepared(sql)); }

Statement::Statement(const Database& database, Result<sqlite3_stmt*> statement) : m_database(&database) {
    if (statement) {
        m_statement = *statement;
    } else {
        m_error = std::move(statement).error();
    }
}

Statement::Statement(Statement&& other) noexcept
    : m_database(other.m_database),
      m_statement(std::exchange(other.m_statement, nullptr)),
      m_error(std::move(other.m_error)) {}

Statement::~Statement() {
    if (!m_statement) return;
    sqlite3_reset(m_statement);
    sqlite3_clear_bindings(m_statement);
}

Result<bool> Statement::step() {
    if (m_error) return std::unexpected(*m_error);
    const int result = sqlite3_step(m_statement);
    if (result == SQLITE_ROW) return true;
    if (result == SQLITE_DONE) return false;
    return std::unexpected(m_database->lastError());
}

Result<void> Statement::run() {
    LIVE_TRY(step());
    return {};
}

std::int64_t Statement::integer(int column) const { return sqlite3_column_int64(m_statement, column); }

std::string Statement::text(int column) const {
    const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(m_statement, column));
    return text ? std::string(text, static_cast<std::size_t>(sqlite3_column_bytes(m_statement, column)))
                : std::string();
}

Bytes Statement::blob(int column) const {
    const auto* bytes = static_cast<const std::uint8_t*>(sqlite3_column_blob(m_statement, column));
    return bytes ? Bytes(bytes, bytes + sqlite3_column_bytes(m_statement, column)) : Bytes();
}

bool Statement::isNull(int column) const { return sqlite3_column_type(m_statement, column) == SQLITE_NULL; }

void Statement::bind(int index, std::int64_t value) {
    if (m_statement) check(sqlite3_bind_int64(m_statement, index, value));
}

void Statement::bind(int index, std::string_view value) {
    // A null pointer would bind NULL.
    const char* data = value.empty() ? "" : value.data();
    if (m_statement) check(sqlite3_bind_text64(m_statement, index, data, value.size(), SQLITE_TRANSIENT, SQLITE_UTF8));
}

void Statement::bind(int index, ByteView value) {
    const void* data = value.empty() ? static_cast<const void*>("") : value.data();
    if (m_statement) check(sqlite3_bind_blob64(m_statement, index, data, value.size(), SQLITE_TRANSIENT));
}

void Statement::bind(int index, const std::optional<std::int64_t>& value) {
    if (value) return bind(index, *value);
    if (m_statement) check(sqlite3_bind_null(m_statement, index));
}

void Statement::check(int result) {
    if (result != SQLITE_OK && !m_error) m_error = m_database->lastError();
}

Result<Transaction> Transaction::begin(Database& database) {
    const bool isInner = database.isInTransaction();
    LIVE_TRY(database.execute(isInner ? "SAVEPOINT part" : "BEGIN IMMEDIATE"));
    return Transaction(database, isInner);
}

Transaction::~Transaction() {
    // Some errors have rolled back already; then this one fails, which is as good.
    if (m_database) [[maybe_unused]]
        const auto rolledBack = m_database->execute(m_isInner ? "ROLLBACK TO part; RELEASE part" : "ROLLBACK");
}

Result<void> Transaction::commit() {
    LIVE_TRY(m_database->execute(m_isInner ? "RELEASE part" : "COMMIT"));
    m_database = nullptr;
    return {};
}

}  // namespace live::catalog::sqlite
