#include "tests/support/test_main.h"

#include <QTemporaryDir>
#include <filesystem>
#include <fstream>
#include <set>

#include "server/control/secrets.h"
#include "server/control/token_file.h"
#include "server/control/tokens.h"
#include "tests/support/fake_store.h"
#include "tests/support/waited.h"

using namespace live;
using namespace live::control;
namespace fs = std::filesystem;

namespace {

front::Request withAuthorization(const std::string& value) {
    front::Request request;
    request.headers.push_back({"authorization", value});
    return request;
}

struct Directory {
    QTemporaryDir directory;
    fs::path path = directory.path().toStdString();
    fs::path file = path / "admin.token";
    void write(const std::string& text, fs::perms perms = fs::perms::owner_read | fs::perms::owner_write) const {
        std::ofstream(file) << text;
        fs::permissions(file, perms);
    }
};

}  // namespace

class TokensTest : public QObject {
    Q_OBJECT
private slots:
    void theFirstStartWritesATokenThatWorks() {
        const Directory state;
        test::FakeStore store;
        QtLoop loop;
        const auto tokens = test::waited(loadTokens(loop, store, state.path));
        QVERIFY(tokens);
        QVERIFY(fs::status(state.file).permissions() == (fs::perms::owner_read | fs::perms::owner_write));
        std::string token;
        std::ifstream(state.file) >> token;
        QVERIFY(token.size() >= 32);
        QVERIFY(tokens->accept(withAuthorization("Bearer " + token)));
        QVERIFY(tokens->accept(withAuthorization("bearer  " + token)));
    }
    void laterStartsKeepTheToken() {
        const Directory state;
        test::FakeStore store;
        QtLoop loop;
        QVERIFY(test::waited(loadTokens(loop, store, state.path)));
        std::string token;
        std::ifstream(state.file) >> token;
        fs::remove(state.file);  // put away by the operator
        const auto again = test::waited(loadTokens(loop, store, state.path));
        QVERIFY(again->accept(withAuthorization("Bearer " + token)));
        QVERIFY(!fs::exists(state.file));
    }
    void aTokenThatIsThereAlreadyIsTaken() {
        const Directory state;
        const std::string token(40, 'k');
        state.write(token + "\n");
        test::FakeStore store;
        QtLoop loop;
        QVERIFY(test::waited(loadTokens(loop, store, state.path))->accept(withAuthorization("Bearer " + token)));
    }
    void aTokenFileThatOthersMayReadIsRefused() {
        const Directory state;
        state.write(std::string(40, 'k'), fs::perms::owner_all | fs::perms::group_read);
        QVERIFY(readOrMakeTokenFile(state.file).error().message.contains("chmod 600"));
    }
    void whatIsNotATokenIsRefused() {
        for (const std::string& text :
             {std::string(), std::string("short"), std::string(300, 'x'), std::string(40, ' ')}) {
            const Directory state;
            state.write(text);
            QVERIFY(!readOrMakeTokenFile(state.file));
        }
    }
    void aLinkIsNotFollowed() {
        const Directory state;
        fs::create_symlink("/etc/passwd", state.file);
        QVERIFY(!readOrMakeTokenFile(state.file));
    }
    void aDirectoryThatIsNotThereIsNamed() {
        const auto token = readOrMakeTokenFile("/nonexistent/admin.token");
        QVERIFY(token.error().context.contains("/nonexistent"));
    }
    void aCatalogThatIsAwayEndsTheStart() {
        const Directory state;
        test::FakeStore store;
        store.failWith(ErrorCode::Unavailable);
        QtLoop loop;
        QVERIFY(!test::waited(loadTokens(loop, store, state.path)));
        QVERIFY(!fs::exists(state.file));
    }
    void onlyAKnownBearerTokenIsAccepted() {
        const Tokens tokens({{digestOf("secret"), "x"}});
        QVERIFY(tokens.accept(withAuthorization("Bearer secret")));
        for (const char* value :
             {"", "Bearer", "Bearer ", "secret", "Basic secret", "Bearer secret ", "Bearer secre", "Bearersecret"})
            QVERIFY2(!tokens.accept(withAuthorization(value)), value);
        QVERIFY(!tokens.accept({}));
        QVERIFY(!Tokens().accept(withAuthorization("Bearer secret")));
    }
    void keysAreLongAndDifferentAndUrlSafe() {
        std::set<std::string> seen;
        for (int i = 0; i < 100; ++i) {
            const api::IssuedKey key = makeStreamKey(KeyRole::Primary, {});
            QCOMPARE(key.text.size(), std::size_t(32));
            QVERIFY(
                std::ranges::all_of(key.text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'v'); }));
            QCOMPARE(key.record.hint, key.text.substr(28));
            QCOMPARE(key.record.sha256, digestOf(key.text));
            seen.insert(key.text);
            seen.insert(key.record.id);
        }
        QCOMPARE(seen.size(), std::size_t(200));
    }
    void idsAreMadeFromAnyName() {
        QVERIFY(makeStreamId("Évening  Show!").text().starts_with("vening-show-"));
        QVERIFY(makeStreamId("日本語").text().starts_with("stream-"));
        QVERIFY(makeStreamId("---").text().starts_with("stream-"));
        QVERIFY(makeStreamId(std::string(500, 'x')).text().size() <= 63);
        QVERIFY(makeStreamId("a") != makeStreamId("a"));
    }
};
LIVE_TEST(TokensTest)

#include "tokens_test.moc"
