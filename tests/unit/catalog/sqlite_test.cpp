// What is particular to the SQLite catalog: its file, and what can be wrong with it.
#include "tests/support/test_main.h"

#include <signal.h>
#include <sqlite3.h>
#include <sys/resource.h>

#include <QFile>
#include <QTemporaryDir>
#include <QtEndian>

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

// How many commits the write-ahead log holds (SQLite file format, §4.1: a frame that ends a commit has the size of the
// database, any other 0).
int commitsIn(const std::string& path) {
    QFile file(QString::fromStdString(path + "-wal"));
    if (!file.open(QIODevice::ReadOnly)) return -1;
    const QByteArray log = file.readAll();
    const auto number = [&log](qsizetype at) { return qFromBigEndian<quint32>(log.constData() + at); };
    constexpr qsizetype kHeader = 32, kFrameHeader = 24;
    const qsizetype frame = kFrameHeader + number(8);
    int commits = 0;
    for (qsizetype at = kHeader; at + frame <= log.size(); at += frame) commits += number(at + 4) != 0;
    return commits;
}

// Keeps the catalog thread busy, so that calls made meanwhile wait together.
class BusyCatalog {
public:
    explicit BusyCatalog(Store& store) {
        std::promise<void> busy;
        store.tokens([&busy, wait = m_release.get_future()](const auto&) {
            busy.set_value();
            wait.wait();
        });
        busy.get_future().wait();
    }
    void release() { m_release.set_value(); }

private:
    std::promise<void> m_release;
};

// Another program that has the catalog for itself while this lives.
class OtherWriter {
public:
    explicit OtherWriter(const std::string& path) {
        const bool isLocked = sqlite3_open(path.c_str(), &m_database) == SQLITE_OK &&
                              sqlite3_exec(m_database, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr) == SQLITE_OK;
        LIVE_ASSERT(isLocked);
    }
    ~OtherWriter() { sqlite3_close(m_database); }
    OtherWriter(const OtherWriter&) = delete;

private:
    sqlite3* m_database = nullptr;
};

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
    static std::future<Result<Stream>> created(Store& store, Stream made) {
        auto promise = std::make_shared<std::promise<Result<Stream>>>();
        store.createStream(std::move(made),
                           [promise](Result<Stream> result) { promise->set_value(std::move(result)); });
        return promise->get_future();
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
    void aCatalogOfTheFirstSchemaIsBroughtUpToDate() {
        {
            const auto store = openSqlite(m_path);
            QVERIFY(call(**store, &Store::createStream, stream("show")));
        }
        QVERIFY(execute(m_path,
                        "ALTER TABLE streams DROP COLUMN held_until_ns; DELETE FROM schema_version WHERE version > 1"));
        const auto store = openSqlite(m_path);
        QVERIFY(store);
        QVERIFY(call(**store, &Store::allStreams)->front().heldUntil == UnixTime{});
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
            QVERIFY(stored(**store, "before"));  // reading goes on
        }
        QVERIFY(call(**store, &Store::createStream, stream("after")));
        const auto all = call(**store, &Store::allStreams);
        QVERIFY(all && all->front().id == id("after") && all->at(1).id == id("before"));
    }
    void writesThatWaitTogetherWaitForTheDiskOnce() {
        const auto store = openSqlite(m_path);
        QVERIFY(store);
        const int before = commitsIn(m_path);
        std::vector<std::future<Result<Stream>>> answers;
        BusyCatalog busy(**store);
        for (int i = 0; i < 20; ++i) answers.push_back(created(**store, stream("s" + std::to_string(i))));
        busy.release();
        for (auto& answer : answers) QVERIFY(answer.get());
        QCOMPARE(commitsIn(m_path) - before, 1);
    }
    void oneOfThemThatFailsDoesNotChangeTheOthers() {
        const auto store = openSqlite(m_path);
        QVERIFY(store);
        Stream sameKey = stream("third");
        Stream first = stream("first");
        first.keys = sameKey.keys = {key("k")};
        BusyCatalog busy(**store);
        auto one = created(**store, first);
        auto taken = created(**store, first);
        auto cutInHalf = created(**store, sameKey);  // fails after its row was written
        auto two = created(**store, stream("second"));
        busy.release();
        QVERIFY(one.get() && two.get());
        QVERIFY(taken.get().error().code == ErrorCode::Conflict);
        QVERIFY(cutInHalf.get().error().code == ErrorCode::Conflict);
        QCOMPARE(call(**store, &Store::allStreams)->size(), std::size_t(2));
    }
    void whatAFullDiskTookIsTriedOneByOne() {
        auto store = openSqlite(m_path);
        QVERIFY(store);
        std::vector<std::future<Result<Stream>>> answers;
        std::size_t kept = 0;
        {
            const FileSizeLimit limit(200 * 1024);
            BusyCatalog busy(**store);
            for (int i = 0; i < 60; ++i)
                answers.push_back(created(**store, stream("s" + std::to_string(i), std::string(4000, 'x'))));
            busy.release();
            for (auto& answer : answers) {
                const Result<Stream> result = answer.get();
                kept += result ? 1 : 0;
                QVERIFY(result || result.error().code == ErrorCode::Io);
            }
        }
        QVERIFY2(kept > 0 && kept < answers.size(), std::to_string(kept).c_str());
        store->reset();
        store = openSqlite(m_path);
        QCOMPARE(call(**store, &Store::allStreams)->size(), kept);
    }
    void writesThatWaitTogetherAreRefusedTogetherWhenTheCatalogIsLocked() {
        const auto store = openSqlite(m_path);
        QVERIFY(store);
        {
            const OtherWriter other(m_path);
            BusyCatalog busy(**store);
            auto one = created(**store, stream("one"));
            auto two = created(**store, stream("two"));
            busy.release();
            QVERIFY(one.get().error().code == ErrorCode::Unavailable);
            QVERIFY(two.get().error().code == ErrorCode::Unavailable);
        }
        QCOMPARE(call(**store, &Store::allStreams)->size(), std::size_t(0));
    }
    void aCatalogThatAnotherProgramLocksIsUnavailableForTheMoment() {
        const auto store = openSqlite(m_path);
        QVERIFY(store);
        {
            const OtherWriter other(m_path);
            const auto refused = call(**store, &Store::createStream, stream("show"));
            QVERIFY(!refused);
            QVERIFY(refused.error().code == ErrorCode::Unavailable);
        }
        QVERIFY(call(**store, &Store::createStream, stream("show")));
    }
    void valuesThatThisProgramWouldNotWriteAreReportedNotTrusted() {
        const auto store = openSqlite(m_path);
        QVERIFY(store);
        QVERIFY(call(**store, &Store::createStream, stream("show")));
        QVERIFY(execute(m_path, "UPDATE streams SET latency_profile = 'fast'"));
        QVERIFY(!call(**store, &Store::allStreams));
    }
};
LIVE_TEST(SqliteTest)

#include "sqlite_test.moc"
