// What is particular to the SQLite catalog: its file, and what can be wrong with it.
#include "tests/support/test_main.h"

#include <signal.h>
#include <sqlite3.h>
#include <sys/resource.h>

#include <QFile>
#include <QTemporaryDir>

#include "server/catalog/sqlite/migrations.h"
#include "server/catalog/sqlite_store.h"
#include "tests/unit/catalog/store_calls.h"

using namespace live;
using namespace live::catalog;
using namespace live::catalog::test;

namespace {
// Runs SQL on a file as another program would.
bool execute(const std::string& path, const char* sql) {
    sqlite3* database = nullptr;
    const bool isDone = sqlite3_open(path.c_str(), &database) == SQLITE_OK &&
                        sqlite3_exec(database, sql, nullptr, nullptr, nullptr) == SQLITE_OK;
    sqlite3_close(database);
    return isDone;
}

std::string firstText(const std::string& path, const char* sql) {
    sqlite3* database = nullptr;
    sqlite3_stmt* statement = nullptr;
    std::string text;
    if (sqlite3_open(path.c_str(), &database) == SQLITE_OK &&
        sqlite3_prepare_v2(database, sql, -1, &statement, nullptr) == SQLITE_OK &&
        sqlite3_step(statement) == SQLITE_ROW)
        text = reinterpret_cast<const char*>(sqlite3_column_text(statement, 0));
    sqlite3_finalize(statement);
    sqlite3_close(database);
    return text;
}

// No file can grow past `bytes` while this lives.
class FileSizeLimit {
public:
    explicit FileSizeLimit(rlim_t bytes) {
        m_handler = ::signal(SIGXFSZ, SIG_IGN);
        ::getrlimit(RLIMIT_FSIZE, &m_before);
        const rlimit limited{bytes, m_before.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &limited);
    }
    ~FileSizeLimit() {
        ::setrlimit(RLIMIT_FSIZE, &m_before);
        ::signal(SIGXFSZ, m_handler);
    }

private:
    rlimit m_before{};
    void (*m_handler)(int) = nullptr;
};
}  // namespace

class SqliteTest : public QObject {
    Q_OBJECT

    std::unique_ptr<QTemporaryDir> m_directory;
    std::string m_path;

    void write(const QByteArray& bytes) {
        QFile file(QString::fromStdString(m_path));
        QVERIFY(file.open(QIODevice::WriteOnly) && file.write(bytes) == bytes.size());
    }
    Error refusal() {
        const auto store = openSqlite(m_path);
        return store ? Error{ErrorCode::Internal, "opened"} : store.error();
    }

private slots:
    void init() {
        m_directory = std::make_unique<QTemporaryDir>();
        m_path = m_directory->filePath("catalog.db").toStdString();
    }

    void aNewFileHasTheNewestSchemaAndDurableWrites() {
        QVERIFY(openSqlite(m_path));
        QCOMPARE(firstText(m_path, "SELECT max(version) FROM schema_version"), std::to_string(sqlite::newestSchema()));
        QCOMPARE(firstText(m_path, "PRAGMA journal_mode"), std::string("wal"));
        auto database = sqlite::Database::open(m_path);
        QVERIFY(database);
        auto query = database->statement("PRAGMA synchronous");
        QVERIFY(query.step());
        QCOMPARE(query.integer(0), std::int64_t(2));  // FULL
        auto keys = database->statement("PRAGMA foreign_keys");
        QVERIFY(keys.step());
        QCOMPARE(keys.integer(0), std::int64_t(1));
    }
    void openingAgainChangesNothing() {
        QVERIFY(openSqlite(m_path));
        QVERIFY(openSqlite(m_path));
        QCOMPARE(firstText(m_path, "SELECT count(*) FROM schema_version"), std::to_string(sqlite::newestSchema()));
    }
    void aCatalogOfANewerServerIsRefusedUnchanged() {
        QVERIFY(openSqlite(m_path));
        QVERIFY(execute(m_path, "INSERT INTO schema_version VALUES (99)"));
        const Error error = refusal();
        QVERIFY(error.code == ErrorCode::Conflict);
        QCOMPARE(error.describe(), m_path +
                                       ": the catalog has schema 99, made by a newer liveserverd; this one knows "
                                       "schemas up to " +
                                       std::to_string(sqlite::newestSchema()));
    }
    void theDatabaseOfAnotherProgramIsRefusedUnchanged() {
        QVERIFY(execute(m_path, "CREATE TABLE streams (x); INSERT INTO streams VALUES (1)"));
        QVERIFY(refusal().code == ErrorCode::Conflict);
        QCOMPARE(firstText(m_path, "SELECT x FROM streams"), std::string("1"));
        QVERIFY(firstText(m_path, "SELECT name FROM sqlite_master WHERE name = 'schema_version'").empty());
    }
    void aFileThatIsNoDatabaseIsRefusedUnchanged() {
        const QByteArray text = QByteArray("this is not a database\n").repeated(1000);
        write(text);
        const Error error = refusal();
        QVERIFY(error.code == ErrorCode::Io);
        QCOMPARE(error.context, m_path);
        QVERIFY(error.message.find("not a catalog") != std::string::npos);
        QFile file(QString::fromStdString(m_path));
        QVERIFY(file.open(QIODevice::ReadOnly));
        QCOMPARE(file.readAll(), text);
    }
    void anEmptyFileBecomesACatalog() {
        write({});
        QVERIFY(openSqlite(m_path));
    }
    void aDamagedCatalogIsRefused() {
        {
            const auto store = openSqlite(m_path);
            QVERIFY(store);
            for (int i = 0; i < 200; ++i)
                QVERIFY(call(**store, &Store::createStream, stream("s" + std::to_string(i), std::string(100, 'x'))));
        }
        QFile file(QString::fromStdString(m_path));
        QVERIFY(file.open(QIODevice::ReadWrite));
        QVERIFY(file.size() > 16384);
        QVERIFY(file.seek(4096));
        QVERIFY(file.write(QByteArray(file.size() - 4096, '\xA5')) > 0);
        file.close();
        const Error error = refusal();
        QVERIFY(error.code == ErrorCode::Io);
        QVERIFY2(error.message.find("damaged") != std::string::npos, error.message.c_str());
    }
    void placesThatCanNotBeOpenedAreNamed() {
        m_path = m_directory->filePath("missing/catalog.db").toStdString();
        QVERIFY(refusal().code == ErrorCode::Io);
        QCOMPARE(refusal().describe(), m_path + ": the catalog can't be opened: No such file or directory");
        m_path = m_directory->path().toStdString();
        QVERIFY(refusal().code == ErrorCode::Io);
    }
    void aFullDiskFailsTheCallAndNotTheStore() {
        const auto store = openSqlite(m_path);
        QVERIFY(store);
        QVERIFY(call(**store, &Store::createStream, stream("before")));
        Result<Stream> refused = fail(ErrorCode::Internal, "");
        {
            const FileSizeLimit limit(64 * 1024);
            for (int i = 0; i < 200; ++i) {
                refused = call(**store, &Store::createStream, stream("s" + std::to_string(i), std::string(1000, 'x')));
                if (!refused) break;
            }
            QVERIFY(!refused);
            QVERIFY2(refused.error().code == ErrorCode::Io, refused.error().describe().c_str());
            QVERIFY(call(**store, &Store::stream, id("before")));  // reading goes on
        }
        QVERIFY(call(**store, &Store::createStream, stream("after")));
        const auto all = call(**store, &Store::allStreams);
        QVERIFY(all && all->front().id == id("after") && all->at(1).id == id("before"));
    }
    void aCatalogThatAnotherProgramLocksIsUnavailableForTheMoment() {
        const auto store = openSqlite(m_path);
        QVERIFY(store);
        sqlite3* other = nullptr;
        QCOMPARE(sqlite3_open(m_path.c_str(), &other), SQLITE_OK);
        QCOMPARE(sqlite3_exec(other, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr), SQLITE_OK);
        const auto refused = call(**store, &Store::createStream, stream("show"));
        sqlite3_close(other);
        QVERIFY(!refused);
        QVERIFY(refused.error().code == ErrorCode::Unavailable);
        QVERIFY(call(**store, &Store::createStream, stream("show")));
    }
    void valuesThatThisProgramWouldNotWriteAreReportedNotTrusted() {
        const auto store = openSqlite(m_path);
        QVERIFY(store);
        QVERIFY(call(**store, &Store::createStream, stream("show")));
        QVERIFY(execute(m_path, "UPDATE streams SET latency_profile = 'fast'"));
        QVERIFY(!call(**store, &Store::stream, id("show")));
    }
};
LIVE_TEST(SqliteTest)

#include "sqlite_test.moc"
