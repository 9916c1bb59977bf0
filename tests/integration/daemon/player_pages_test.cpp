#include "tests/support/test_main.h"

#include <QTemporaryDir>
#include <fstream>

#include "server/daemon/player_pages.h"

using namespace live;

class PlayerPagesTest : public QObject {
    Q_OBJECT
private slots:
    void anAddressWithoutAPageSaysWhereStreamsAreWatched() {
        QTemporaryDir directory;
        const std::filesystem::path folder = directory.path().toStdString();
        std::ofstream(folder / "watch.html") << "page";
        const auto pages = daemon::loadPlayerPages(folder);
        QVERIFY(pages);
        const auto answer = origin::interpret({.method = origin::Method::Get, .path = "/"}, *pages);
        const auto& response = std::get<origin::ResponsePtr>(answer);
        QCOMPARE(response->status, 404);
        const auto body = response->body.at(0);
        QVERIFY(QByteArray(reinterpret_cast<const char*>(body.data()), qsizetype(body.size())).contains("/watch/ID"));
    }
    void withoutTheWatchPageNothingStarts() {
        QTemporaryDir directory;
        const auto pages = daemon::loadPlayerPages(directory.path().toStdString());
        QVERIFY(!pages);
        QVERIFY(pages.error().code == ErrorCode::NotFound);
    }
};
LIVE_TEST(PlayerPagesTest)

#include "player_pages_test.moc"
