// What every Store does, whatever it is built on: add a maker to run all of it against another.
#include "tests/support/test_main.h"

#include <QTemporaryDir>
#include <thread>

#include "server/catalog/sqlite_store.h"
#include "tests/unit/catalog/store_calls.h"

using namespace live;
using namespace live::catalog;
using namespace live::catalog::test;

namespace {
// Opens the same catalog again each time, within one test.
using Opener = std::function<std::unique_ptr<Store>()>;

Opener sqliteIn(const QTemporaryDir& directory) {
    const std::string path = directory.filePath("catalog.db").toStdString();
    return [path] {
        auto store = openSqlite(path);
        return store ? std::move(*store) : nullptr;
    };
}

ErrorCode codeOf(const auto& result) { return result ? ErrorCode::Internal : result.error().code; }

QStringList idsOf(const std::vector<Stream>& streams) {
    QStringList ids;
    for (const Stream& stream : streams) ids << QString::fromStdString(stream.id.text());
    return ids;
}

BroadcastRecord record(std::string_view streamId) {
    return {id(streamId), "0123456789abcdefghijklmnop", {0, 1, 255}, "boot", -5, 9'000'000'000'000'000'000, false};
}
}  // namespace

class StoreTest : public QObject {
    Q_OBJECT

    std::unique_ptr<QTemporaryDir> m_directory;
    Opener m_open;
    std::unique_ptr<Store> m_store;

    void reopen() {
        m_store.reset();
        m_store = m_open();
        QVERIFY(m_store);
    }
    void create(std::initializer_list<std::string_view> ids) {
        for (std::string_view text : ids) QVERIFY(call(*m_store, &Store::createStream, stream(text)));
    }

private slots:
    void init() {
        m_directory = std::make_unique<QTemporaryDir>();
        m_open = sqliteIn(*m_directory);
        m_store = m_open();
        QVERIFY(m_store);
    }
    void cleanup() { m_store.reset(); }

    void aStreamComesBackAsItWasStoredAlsoAfterARestart() {
        Stream made = stream("show", "Ünïcode 'quoted\" \n name");
        made.enabled = false;
        made.settings = {Ladder{{720, 2'000'000}, {360, 500'000}}, Seconds(4), LatencyProfile::Ultra, Seconds(90)};
        made.keys = {key("k2", "abcd1234"), key("k1", "efgh5678", KeyRole::Backup)};
        QVERIFY(call(*m_store, &Store::createStream, made));
        reopen();
        const auto found = stored(*m_store, "show");
        QVERIFY(found);
        QCOMPARE(found->name, made.name);
        QVERIFY(!found->enabled);
        QVERIFY(found->settings == made.settings);
        QCOMPARE(found->keys.size(), std::size_t(2));
        QCOMPARE(found->keys[0].id, std::string("k2"));  // in the order they were added
        QCOMPARE(found->keys[0].hint, std::string("1234"));
        QVERIFY(found->keys[1].role == KeyRole::Backup);
        QCOMPARE(found->keys[1].sha256, made.keys[1].sha256);
        QVERIFY(found->keys[1].createdAt == made.keys[1].createdAt);
        QVERIFY(found->createdAt == made.createdAt && found->updatedAt == made.updatedAt);
    }
    void settingsThatAreNotGivenStayNotGiven() {
        create({"show"});
        const auto found = stored(*m_store, "show");
        QVERIFY(!found->settings.ladder);
        QVERIFY(!found->settings.window);
    }
    void anUnknownStreamIsNotFound() {
        QVERIFY(codeOf(call(*m_store, &Store::updateStream, stream("none"))) == ErrorCode::NotFound);
        QVERIFY(codeOf(call(*m_store, &Store::removeStream, id("none"))) == ErrorCode::NotFound);
        QVERIFY(codeOf(call(*m_store, &Store::addKey, id("none"), key("k"))) == ErrorCode::NotFound);
        QVERIFY(codeOf(call(*m_store, &Store::removeKey, id("none"), std::string("k"))) == ErrorCode::NotFound);
        QVERIFY(codeOf(call(*m_store, &Store::putBroadcast, record("none"))) == ErrorCode::NotFound);
    }
    void anIdIsNeverUsedTwiceNotEvenAfterRemoval() {
        create({"show"});
        QVERIFY(codeOf(call(*m_store, &Store::createStream, stream("show", "other"))) == ErrorCode::Conflict);
        QCOMPARE(stored(*m_store, "show")->name, std::string("A show"));
        QVERIFY(call(*m_store, &Store::removeStream, id("show")));
        QVERIFY(!stored(*m_store, "show"));
        reopen();
        const auto again = call(*m_store, &Store::createStream, stream("show"));
        QVERIFY(codeOf(again) == ErrorCode::Conflict);
        QVERIFY(again.error().message.find("never used again") != std::string::npos);
    }
    void anUpdateReplacesSettingsAndKeepsKeysAndCreationTime() {
        Stream made = stream("show");
        made.keys = {key("k")};
        made.settings.ladder = Ladder{{720, 2'000'000}};
        QVERIFY(call(*m_store, &Store::createStream, made));
        Stream changed = stream("show", "Other");
        changed.enabled = false;
        changed.settings.segmentDuration = Seconds(6);
        changed.createdAt = UnixTime(Seconds(1));
        changed.updatedAt = UnixTime(Seconds(1'790'000'000));
        const auto answer = call(*m_store, &Store::updateStream, changed);
        QVERIFY(answer);
        for (const Stream& now : {*answer, *stored(*m_store, "show")}) {
            QCOMPARE(now.name, std::string("Other"));
            QVERIFY(!now.enabled && !now.settings.ladder && now.settings.segmentDuration == Seconds(6));
            QVERIFY(now.createdAt == made.createdAt && now.updatedAt == changed.updatedAt);
            QCOMPARE(now.keys.size(), std::size_t(1));
        }
    }
    void keysAreAddedAndRemovedOneByOne() {
        create({"show", "other"});
        QCOMPARE(call(*m_store, &Store::addKey, id("show"), key("a", "first-key"))->keys.size(), std::size_t(1));
        QCOMPARE(call(*m_store, &Store::addKey, id("show"), key("b", "other-key", KeyRole::Backup))->keys.size(),
                 std::size_t(2));
        const auto left = call(*m_store, &Store::removeKey, id("show"), std::string("a"));
        QVERIFY(left && left->keys.size() == 1 && left->keys[0].id == "b");
        QVERIFY(codeOf(call(*m_store, &Store::removeKey, id("show"), std::string("a"))) == ErrorCode::NotFound);
        QVERIFY(codeOf(call(*m_store, &Store::removeKey, id("other"), std::string("b"))) == ErrorCode::NotFound);
    }
    void aKeyBelongsToOneStreamOnly() {
        create({"show", "other"});
        QVERIFY(call(*m_store, &Store::addKey, id("show"), key("a", "same-key")));
        QVERIFY(codeOf(call(*m_store, &Store::addKey, id("show"), key("a", "new-key"))) == ErrorCode::Conflict);
        QVERIFY(codeOf(call(*m_store, &Store::addKey, id("other"), key("b", "same-key"))) == ErrorCode::Conflict);
        QVERIFY(call(*m_store, &Store::addKey, id("other"), key("a", "new-key")));  // ids are the stream's own
    }
    void aStreamWhoseKeyIsTakenIsNotMadeAtAll() {
        create({"show"});
        QVERIFY(call(*m_store, &Store::addKey, id("show"), key("a", "same-key")));
        Stream second = stream("second");
        second.keys = {key("a", "own-key"), key("b", "same-key")};
        QVERIFY(codeOf(call(*m_store, &Store::createStream, second)) == ErrorCode::Conflict);
        QVERIFY(!stored(*m_store, "second"));
        second.keys.pop_back();
        QVERIFY(call(*m_store, &Store::createStream, second));  // own-key was not left behind
    }
    void aHoldStaysThroughUpdatesAndRestarts() {
        QVERIFY(call(*m_store, &Store::createStream, stream("show")));
        const UnixTime until(Seconds(1'800'000'000));
        QVERIFY(call(*m_store, &Store::holdStream, id("show"), until)->heldUntil == until);
        QVERIFY(call(*m_store, &Store::updateStream, stream("show"))->heldUntil == until);
        QVERIFY(codeOf(call(*m_store, &Store::holdStream, id("none"), until)) == ErrorCode::NotFound);
        reopen();
        QVERIFY(call(*m_store, &Store::allStreams)->front().heldUntil == until);
    }
    void aStreamHasNoMoreKeysThanItMayHave() {
        QVERIFY(call(*m_store, &Store::createStream, stream("show")));
        for (std::size_t i = 0; i < Store::kMaxKeys; ++i)
            QVERIFY(call(*m_store, &Store::addKey, id("show"),
                         key("k" + std::to_string(i), "secret-" + std::to_string(i))));
        QVERIFY(codeOf(call(*m_store, &Store::addKey, id("show"), key("more", "one-more"))) == ErrorCode::Conflict);
        QVERIFY(call(*m_store, &Store::removeKey, id("show"), "k0"));
        QVERIFY(call(*m_store, &Store::addKey, id("show"), key("more", "one-more")));
    }
    void allStreamsComeAtOnce() {
        create({"b", "a"});
        QCOMPARE(idsOf(*call(*m_store, &Store::allStreams)), QStringList({"a", "b"}));
    }
    void tokensAreKeptByHash() {
        QVERIFY(call(*m_store, &Store::addToken, std::string("aa"), std::string("admin")));
        QVERIFY(call(*m_store, &Store::addToken, std::string("bb"), std::string("ci")));
        QVERIFY(call(*m_store, &Store::addToken, std::string("bb"), std::string("renamed")));
        reopen();
        const std::map<std::string, std::string> expected{{"aa", "admin"}, {"bb", "renamed"}};
        QVERIFY(call(*m_store, &Store::tokens) == expected);
    }
    void aBroadcastIsReplacedWholeAndGoesWithItsStream() {
        create({"show", "other"});
        QVERIFY(call(*m_store, &Store::putBroadcast, record("show")));
        QVERIFY(call(*m_store, &Store::putBroadcast, record("other")));
        BroadcastRecord changed = record("show");
        changed.plan = {};
        changed.isEnded = true;
        changed.clockOffsetNs = INT64_MAX;
        QVERIFY(call(*m_store, &Store::putBroadcast, changed));
        reopen();
        QVERIFY(*call(*m_store, &Store::broadcasts) == std::vector({record("other"), changed}));
        QVERIFY(call(*m_store, &Store::removeBroadcast, id("other")));
        QVERIFY(call(*m_store, &Store::removeBroadcast, id("other")));
        QVERIFY(*call(*m_store, &Store::broadcasts) == std::vector({changed}));
        QVERIFY(call(*m_store, &Store::removeStream, id("show")));
        QVERIFY(call(*m_store, &Store::broadcasts)->empty());
    }
    void answersComeInTheOrderOfTheCalls() {
        std::string order;  // written by the catalog thread only
        std::promise<void> last;
        for (int i = 0; i < 100; ++i)
            m_store->createStream(stream("s" + std::to_string(i)),
                                  [&order, i](auto) { order += std::to_string(i) + " "; });
        m_store->tokens([&](auto) { last.set_value(); });
        last.get_future().wait();
        std::string expected;
        for (int i = 0; i < 100; ++i) expected += std::to_string(i) + " ";
        QCOMPARE(order, expected);
    }
    void aCallMayMakeTheNextOne() {
        std::promise<ErrorCode> answered;
        m_store->createStream(stream("show"), [&](auto) {
            m_store->removeStream(id("none"), [&](const auto& result) { answered.set_value(codeOf(result)); });
        });
        QVERIFY(answered.get_future().get() == ErrorCode::NotFound);
    }
    void whatWaitsIsFinishedBeforeTheStoreCloses() {
        int answered = 0;
        for (int i = 0; i < 200; ++i)
            m_store->createStream(stream("s" + std::to_string(i)),
                                  [&answered](const auto& result) { answered += result ? 1 : 0; });
        m_store.reset();
        QCOMPARE(answered, 200);
        m_store = m_open();
        QCOMPARE(call(*m_store, &Store::allStreams)->size(), std::size_t(200));
    }
    void tooManyWaitingCallsAreRefusedAtOnce() {
        std::promise<void> release, started;
        m_store->tokens([&](auto) {
            started.set_value();
            release.get_future().wait();
        });
        started.get_future().wait();
        const auto caller = std::this_thread::get_id();
        std::size_t refused = 0, answered = 0;  // the second is written by the catalog thread
        for (std::size_t i = 0; i < Store::kMaxQueued + 10; ++i)
            m_store->removeStream(id("none"), [&](const auto& result) {
                if (codeOf(result) == ErrorCode::Overloaded && std::this_thread::get_id() == caller) ++refused;
                if (codeOf(result) == ErrorCode::NotFound && std::this_thread::get_id() != caller) ++answered;
            });
        release.set_value();
        m_store.reset();  // before the variables that the answers write to
        QCOMPARE(refused, std::size_t(10));
        QCOMPARE(answered, Store::kMaxQueued);
    }
};
LIVE_TEST(StoreTest)

#include "store_test.moc"
