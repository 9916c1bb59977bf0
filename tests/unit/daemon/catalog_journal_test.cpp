#include "tests/support/test_main.h"

#include <future>

#include "server/daemon/catalog_journal.h"
#include "tests/support/fake_store.h"
#include "tests/support/plans.h"

using namespace live;
using namespace live::daemon;

namespace {

// What is said of one entry, to who wrote it and to who keeps an eye on the catalog.
struct Answers {
    Result<void> toWriter;
    Result<void> toWatcher;
};

Answers putInto(catalog::Store& store) {
    Answers answers;
    std::promise<void> isAnswered;
    CatalogJournal journal(store, [&](const Result<void>& answer) { answers.toWatcher = answer; });
    journal.put({.plan = test::examplePlan()}, [&](Result<void> answer) {
        answers.toWriter = std::move(answer);
        isAnswered.set_value();
    });
    isAnswered.get_future().wait();
    return answers;
}

}  // namespace

class CatalogJournalTest : public QObject {
    Q_OBJECT
private slots:
    void anEntryThatIsStoredIsAnswered() {
        test::FakeStore store;
        const Answers answers = putInto(store);
        QVERIFY(answers.toWriter && answers.toWatcher);
    }
    void aCatalogThatDoesNotTakeItIsToldToBoth() {
        test::FakeStore store;
        store.failWith(ErrorCode::Unavailable);
        const Answers answers = putInto(store);
        QVERIFY(!answers.toWriter && answers.toWriter.error().code == ErrorCode::Unavailable);
        QVERIFY(!answers.toWatcher && answers.toWatcher.error().code == ErrorCode::Unavailable);
    }
    void aStreamThatIsGoneIsNoFailure() {
        test::FakeStore store;
        store.failWith(ErrorCode::NotFound);
        const Answers answers = putInto(store);
        QVERIFY(answers.toWriter && answers.toWatcher);
    }
};
LIVE_TEST(CatalogJournalTest)

#include "catalog_journal_test.moc"
