// SQLite without surprises: errors as values, statements that clean up, transactions that roll back.
#pragma once

#include <concepts>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/bytes.h"
#include "common/base/error.h"

struct sqlite3;
struct sqlite3_stmt;

namespace live::catalog::sqlite {

class Statement;

// One connection; one thread at a time. Everything committed is on the disk (WAL, synchronous=FULL).
class Database {
public:
    // Opens or makes the file. Io with the path for a directory that can't be written, a damaged file, a file that is
    // no database; Conflict for a database of another program.
    static Result<Database> open(const std::filesystem::path& path);

    Database(Database&&) noexcept = default;
    Database& operator=(Database&&) noexcept = default;

    // Prepared once and kept for the next time. `sql` has static storage.
    template <class... Parameters>
    Statement statement(std::string_view sql, const Parameters&... parameters);
    template <std::same_as<std::string> Text, class... Parameters>
    Statement statement(const Text& sql, const Parameters&... parameters) = delete;
    // Any number of statements without parameters or rows.
    Result<void> execute(const std::string& sql);

    bool isInTransaction() const;

    // What the last failing call on this connection means to the caller. Busy: Unavailable. Full, damaged, not
    // readable: Io.
    Error lastError() const;

private:
    struct Close {
        void operator()(sqlite3* database) const;
    };
    struct Finalize {
        void operator()(sqlite3_stmt* statement) const;
    };

    Database(sqlite3* database, std::string path) : m_database(database), m_path(std::move(path)) {}
    Result<void> configure();
    Result<sqlite3_stmt*> prepared(std::string_view sql);
    Statement prepare(std::string_view sql);

    std::unique_ptr<sqlite3, Close> m_database;
    std::string m_path;
    std::map<std::string_view, std::unique_ptr<sqlite3_stmt, Finalize>> m_statements;
};

// One run of a prepared statement. Errors of preparing and binding come out of step().
class Statement {
public:
    ~Statement();
    Statement(Statement&& other) noexcept;
    Statement& operator=(Statement&&) = delete;

    // True: there is a row to read. False: done.
    Result<bool> step();
    // Runs a statement that gives no rows.
    Result<void> run();

    // Columns of the current row, from 0. NULL reads as 0 or empty.
    std::int64_t integer(int column) const;
    std::string text(int column) const;
    Bytes blob(int column) const;
    bool isNull(int column) const;

private:
    friend class Database;
    Statement(const Database& database, Result<sqlite3_stmt*> statement);
    void bind(int index, std::int64_t value);
    void bind(int index, std::string_view value);
    void bind(int index, ByteView value);
    void bind(int index, const std::optional<std::int64_t>& value);
    void check(int result);

    const Database* m_database;
    sqlite3_stmt* m_statement = nullptr;
    std::optional<Error> m_error;
};

template <class... Parameters>
Statement Database::statement(std::string_view sql, const Parameters&... parameters) {
    Statement statement = prepare(sql);
    int index = 0;
    (statement.bind(++index, parameters), ...);
    return statement;
}

// Rolled back unless commit() succeeded. One inside another is a part of it that can be rolled back by itself, and is
// kept when the outer one is.
class Transaction {
public:
    static Result<Transaction> begin(Database& database);
    ~Transaction();
    Transaction(Transaction&& other) noexcept
        : m_database(std::exchange(other.m_database, nullptr)), m_isInner(other.m_isInner) {}
    Transaction& operator=(Transaction&&) = delete;

    Result<void> commit();

private:
    Transaction(Database& database, bool isInner) : m_database(&database), m_isInner(isInner) {}

    Database* m_database;
    bool m_isInner;
};

}  // namespace live::catalog::sqlite
