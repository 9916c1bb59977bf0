#include "tests/support/test_main.h"

#include <QTemporaryDir>
#include <fstream>

#include "server/daemon/player_pages.h"

using namespace live;

namespace {

// What a request for `path` is answered: head and body.
std::string answer(const origin::PageTable& pages, const std::string& path) {
    const auto made = origin::interpret({.method = origin::Method::Get, .path = path}, pages);
    const auto& response = std::get<origin::ResponsePtr>(made);
    std::string text(asText(response->head.view()));
    for (const Buffer& piece : response->body) text += asText(piece.view());
    return text;
}

class Pages {
public:
    explicit Pages(std::initializer_list<std::pair<const char*, const char*>> files) {
        for (const auto& [name, content] : files) std::ofstream(folder() / name) << content;
    }
    std::filesystem::path folder() const { return m_directory.path().toStdString(); }
    origin::PageTable load() const { return daemon::loadPlayerPages(folder()).value(); }

private:
    QTemporaryDir m_directory;
};

// "assets/0123456789abcdef/" as the page of a stream names it.
std::string folderIn(const origin::PageTable& pages) {
    const std::string page = answer(pages, "/watch/show");
    const std::size_t at = page.find("assets/");
    return page.substr(at, page.find('/', at + 7) + 1 - at);
}

}  // namespace

class PlayerPagesTest : public QObject {
    Q_OBJECT
private slots:
    void thePageNamesItsFilesWithTheirVersionWhichNeverChanges() {
        const Pages pages{{"watch.html", "<script src=\"assets/watch.js\">"}, {"watch.js", "play()"}};
        const origin::PageTable table = pages.load();
        const std::string folder = folderIn(table);
        QCOMPARE(folder.size(), std::string("assets/0123456789abcdef/").size());
        const std::string page = answer(table, "/watch/show"), script = answer(table, "/watch/" + folder + "watch.js");
        QVERIFY2(page.ends_with("<script src=\"" + folder + "watch.js\">"), page.c_str());
        QVERIFY2(page.contains("Cache-Control: no-cache\r\n"), page.c_str());
        QVERIFY2(script.starts_with("HTTP/1.1 200 ") && script.ends_with("\r\nplay()"), script.c_str());
        QVERIFY2(script.contains("Cache-Control: public, max-age=31536000, immutable\r\n"), script.c_str());
        QCOMPARE(folderIn(pages.load()), folder);
    }
    void aPageOfAnotherVersionGetsTheseFilesAndMayNotKeepThem() {
        const Pages before{{"watch.html", "=\"assets/watch.js\""}, {"watch.js", "old"}};
        const Pages after{{"watch.html", "=\"assets/watch.js\""}, {"watch.js", "new"}};
        const std::string old = folderIn(before.load());
        const origin::PageTable table = after.load();
        QVERIFY(folderIn(table) != old);
        const std::string script = answer(table, "/watch/" + old + "watch.js");
        QVERIFY2(script.starts_with("HTTP/1.1 200 ") && script.ends_with("\r\nnew"), script.c_str());
        QVERIFY2(script.contains("Cache-Control: no-cache\r\n"), script.c_str());
        QVERIFY(answer(table, "/watch/" + old + "other.js").starts_with("HTTP/1.1 404 "));
        QVERIFY(answer(table, "/watch/assets/watch.js").starts_with("HTTP/1.1 404 "));
    }
    void anAddressWithoutAPageSaysWhereStreamsAreWatched() {
        const std::string text = answer(Pages{{"watch.html", "page"}}.load(), "/");
        QVERIFY2(text.starts_with("HTTP/1.1 404 ") && text.contains("/watch/ID"), text.c_str());
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
