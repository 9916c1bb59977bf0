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
    std::string token() const {
        std::string text;
        std::ifstream(file) >> text;
        return text;
    }
};

front::Request bearer(const std::string& token) { return withAuthorization("Bearer " + token); }

// A server that starts again and again with what it has kept.
struct Start {
    Directory state;
    test::FakeStore store;
    ManualClock clock;
    std::shared_ptr<log::MemoryOutput> output = std::make_shared<log::MemoryOutput>();
    log::Logger logger{output, log::Level::Info, clock};
    QtLoop loop;
    Result<Tokens> tokens() { return test::waited(loadTokens(loop, store, state.path, logger)); }
};

}  // namespace

class TokensTest : public QObject {
    Q_OBJECT
private slots:
    void theFirstStartWritesATokenThatWorks() {
        Start start;
        const auto tokens = start.tokens();
        QVERIFY(tokens);
        QVERIFY(fs::status(start.state.file).permissions() == (fs::perms::owner_read | fs::perms::owner_write));
        const std::string token = start.state.token();
        QVERIFY(token.size() >= 32);
        QVERIFY(tokens->accept(withAuthorization("Bearer " + token)));
        QVERIFY(tokens->accept(withAuthorization("bearer  " + token)));
        QVERIFY(start.output->lines().empty());
    }
    void laterStartsKeepTheTokenAndSayNothing() {
        Start start;
        QVERIFY(start.tokens());
        const std::string token = start.state.token();
        QVERIFY(start.tokens()->accept(bearer(token)));
        QCOMPARE(start.state.token(), token);
        QVERIFY(start.output->lines().empty());
    }
    void aLostTokenIsReplacedAndTheLogSaysSoWithoutIt() {
        Start start;
        QVERIFY(start.tokens());
        const std::string lost = start.state.token();
        fs::remove(start.state.file);
        const auto again = start.tokens();
        const std::string made = start.state.token();
        QVERIFY(made.size() >= 32 && made != lost);
        QVERIFY(fs::status(start.state.file).permissions() == (fs::perms::owner_read | fs::perms::owner_write));
        QVERIFY(again->accept(bearer(made)));
        QVERIFY(again->accept(bearer(lost)));
        QVERIFY(start.tokens()->accept(bearer(made)));
        QCOMPARE(start.output->lines().size(), std::size_t(1));
        const std::string line = start.output->lines()[0];
        QVERIFY2(line.contains("token.added") && line.contains("was missing") && line.contains("admin.token"),
                 line.c_str());
        QVERIFY(!line.contains(made) && !line.contains(lost));
    }
    void aTokenThatWasChangedIsTakenAndTheLogSaysSoWithoutIt() {
        Start start;
        QVERIFY(start.tokens());
        const std::string token(40, 'k');
        start.state.write(token + "\n");
        QVERIFY(start.tokens()->accept(bearer(token)));
        QVERIFY(start.tokens()->accept(bearer(token)));
        QCOMPARE(start.output->lines().size(), std::size_t(1));
        const std::string line = start.output->lines()[0];
        QVERIFY2(line.contains("token.added") && line.contains("was not known"), line.c_str());
        QVERIFY(!line.contains(token));
    }
    void aFileThatIsNoGoodStopsNoServerThatHasATokenAndTheLogSaysSo() {
        Start start;
        QVERIFY(start.tokens());
        const std::string token = start.state.token();
        start.state.write("short");
        QVERIFY(start.tokens()->accept(bearer(token)));
        QCOMPARE(start.output->lines().size(), std::size_t(1));
        QVERIFY(start.output->lines()[0].contains("token.file_unused"));
    }
    void aTokenThatIsThereAlreadyIsTaken() {
        Start start;
        const std::string token(40, 'k');
        start.state.write(token + "\n");
        QVERIFY(start.tokens()->accept(bearer(token)));
    }
    void aFileThatIsNoGoodEndsTheFirstStart() {
        Start start;
        start.state.write("short");
        QVERIFY(!start.tokens());
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
        Start start;
        start.store.failWith(ErrorCode::Unavailable);
        QVERIFY(!start.tokens());
        QVERIFY(!fs::exists(start.state.file));
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
