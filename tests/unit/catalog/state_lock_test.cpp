#include "tests/support/test_main.h"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <QTemporaryDir>
#include <optional>

#include "server/catalog/state_lock.h"

using namespace live;
using namespace live::catalog;

class StateLockTest : public QObject {
    Q_OBJECT

    QTemporaryDir m_directory;
    std::filesystem::path path(const char* name) const {
        return std::filesystem::path(m_directory.path().toStdString()) / name;
    }

private slots:
    void theDirectoryIsMadeForItsOwnerOnly() {
        const auto lock = StateLock::acquire(path("new/deeper"));
        QVERIFY(lock);
        struct stat status{};
        QCOMPARE(::stat(path("new/deeper").c_str(), &status), 0);
        QCOMPARE(status.st_mode & 0777u, 0700u);
    }
    void theSecondIsToldWhoIsFirst() {
        const auto first = StateLock::acquire(path("two"));
        QVERIFY(first);
        const auto second = StateLock::acquire(path("two"));
        QVERIFY(!second);
        QVERIFY(second.error().code == ErrorCode::Conflict);
        QVERIFY(second.error().message.find("process " + std::to_string(::getpid())) != std::string::npos);
        QVERIFY(second.error().message.find("--state-dir") != std::string::npos);
        QCOMPARE(second.error().context, path("two").string());
    }
    void aCatalogIsUsedByOneServerWhateverTheirStateDirectories() {
        const auto first = StateLock::acquireCatalog(path("catalog.db"));
        QVERIFY(first);
        const auto second = StateLock::acquireCatalog(path("catalog.db"));
        QVERIFY(!second && second.error().code == ErrorCode::Conflict);
        QVERIFY(second.error().message.ends_with("uses this catalog; stop it, or give this one another catalog.path"));
        QCOMPARE(second.error().context, path("catalog.db").string());
        QVERIFY(StateLock::acquireCatalog(path("other.db")));
    }
    void aCatalogInAFolderThatIsNotThereIsNamed() {
        const auto lock = StateLock::acquireCatalog(path("nowhere/catalog.db"));
        QVERIFY(!lock && lock.error().code == ErrorCode::Io);
        QCOMPARE(lock.error().context, path("nowhere/catalog.db").string());
    }
    void aLockThatIsMovedIsHeldAndOneThatIsGoneIsFree() {
        {
            std::optional<StateLock> kept;
            {
                auto lock = StateLock::acquire(path("moved"));
                QVERIFY(lock);
                kept.emplace(std::move(*lock));
            }
            QVERIFY(!StateLock::acquire(path("moved")));
        }
        QVERIFY(StateLock::acquire(path("moved")));
    }
    void aKilledProcessLeavesNothingLocked() {
        int ready[2];
        QCOMPARE(::pipe(ready), 0);
        const pid_t child = ::fork();
        if (child == 0) {
            const auto lock = StateLock::acquire(path("killed"));
            [[maybe_unused]] const ssize_t written = ::write(ready[1], lock ? "y" : "n", 1);
            ::pause();
            ::_exit(0);
        }
        char answer = 0;
        QCOMPARE(::read(ready[0], &answer, 1), ssize_t(1));
        QCOMPARE(answer, 'y');
        const auto refused = StateLock::acquire(path("killed"));
        ::kill(child, SIGKILL);
        ::waitpid(child, nullptr, 0);
        ::close(ready[0]);
        ::close(ready[1]);
        QVERIFY(!refused);
        QVERIFY(refused.error().message.find("process " + std::to_string(child)) != std::string::npos);
        QVERIFY(StateLock::acquire(path("killed")));
    }
    void aPlaceThatCanNotBeWrittenIsNamed() {
        // Works for root too, whom no mode bits stop.
        const auto lock = StateLock::acquire("/proc/liveserver");
        QVERIFY(!lock);
        QVERIFY(lock.error().code == ErrorCode::Io);
        QCOMPARE(lock.error().context, std::string("/proc/liveserver"));
        QVERIFY(!StateLock::acquire("/dev/null/state"));
        QVERIFY(!StateLock::acquire("/proc"));
    }
};
LIVE_TEST(StateLockTest)

#include "state_lock_test.moc"
