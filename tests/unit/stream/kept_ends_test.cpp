#include "tests/support/test_main.h"

#include "server/stream/kept_ends.h"
#include "tests/support/plans.h"

using namespace live;
using namespace live::stream;

namespace {

const StreamId kKeptShow = *StreamId::parse("show");

// A journal that answers when the test says so, and the thread that its answers come to.
struct LateJournal final : Journal {
    struct Call {
        JournalEntry entry;
        Done done;
    };
    void put(const JournalEntry& entry, Done done) override { calls.push_back({entry, std::move(done)}); }
    std::vector<Call> calls;
};

struct EndsRoom {
    boost::asio::io_context io;
    ManualClock clock;
    LateJournal journal;
    KeptEnds ends{io, clock, journal, {}};
    std::size_t answered = 0;

    enum class EntryKind : std::uint8_t { Running, Ended };
    void put(EntryKind kind, const StreamId& stream = kKeptShow) {
        JournalEntry entry{.plan = test::examplePlan(), .isEnded = kind == EntryKind::Ended};
        entry.plan.stream = stream;
        ends.put(entry, [this](Result<void>) { ++answered; });
    }
    void answer(std::size_t call, const Result<void>& with) {
        std::exchange(journal.calls.at(call).done, nullptr)(with);
        io.restart();
        io.poll();
    }
    void refuse(std::size_t call) { answer(call, fail(ErrorCode::Unavailable, "the database is busy")); }
    void advance(Nanoseconds by) {
        for (Nanoseconds passed{}; passed < by; passed += Milliseconds(100)) {
            clock.advance(Milliseconds(100));
            ends.tick();
        }
    }
};

using EntryKind = EndsRoom::EntryKind;

}  // namespace

class KeptEndsTest : public QObject {
    Q_OBJECT
private slots:
    void anEndThatWasRefusedIsPutAgainUntilItIsTaken() {
        EndsRoom room;
        room.put(EntryKind::Ended);
        QVERIFY(!room.ends.isRefused(kKeptShow));
        room.refuse(0);
        QVERIFY(room.ends.isRefused(kKeptShow));
        QCOMPARE(room.answered, std::size_t(1));
        room.advance(Milliseconds(4'900));
        QCOMPARE(room.journal.calls.size(), std::size_t(1));
        room.advance(Seconds(20));  // the journal takes its time
        QCOMPARE(room.journal.calls.size(), std::size_t(2));
        room.refuse(1);
        room.advance(Seconds(5));
        QCOMPARE(room.journal.calls.size(), std::size_t(3));
        QVERIFY(room.journal.calls[2].entry.isEnded);
        room.answer(2, {});
        QVERIFY(!room.ends.isRefused(kKeptShow));
        room.advance(Seconds(60));
        QCOMPARE(room.journal.calls.size(), std::size_t(3));
        QCOMPARE(room.answered, std::size_t(1));
    }
    void entriesOfARunningBroadcastAreNotPutAgain() {
        EndsRoom room;
        room.put(EntryKind::Running);
        room.refuse(0);
        room.advance(Seconds(60));
        QCOMPARE(room.journal.calls.size(), std::size_t(1));
    }
    // What the catalog has last is what a restart goes on with.
    void theNextBroadcastIsNotReplacedByTheEndOfTheOneBefore() {
        EndsRoom room;
        room.put(EntryKind::Ended);
        room.put(EntryKind::Running);
        room.refuse(0);
        room.refuse(1);
        QVERIFY(!room.ends.isRefused(kKeptShow));
        room.advance(Seconds(60));
        QCOMPARE(room.journal.calls.size(), std::size_t(2));
    }
    void onlyTheNewestEndOfABroadcastCounts() {
        EndsRoom room;
        room.put(EntryKind::Ended);
        room.put(EntryKind::Ended);
        room.refuse(0);
        QVERIFY(!room.ends.isRefused(kKeptShow));
        room.answer(1, {});
        room.advance(Seconds(60));
        QCOMPARE(room.journal.calls.size(), std::size_t(2));
    }
    void endsAreTriedOneAtATimeAndInTurn() {
        EndsRoom room;
        const StreamId talk = *StreamId::parse("talk");
        room.put(EntryKind::Ended);
        room.put(EntryKind::Ended, talk);
        room.refuse(0);
        room.refuse(1);
        room.advance(Seconds(5));
        room.refuse(2);
        room.advance(Seconds(5));
        QCOMPARE(room.journal.calls.size(), std::size_t(4));
        QVERIFY(room.journal.calls[2].entry.plan.stream != room.journal.calls[3].entry.plan.stream);
        room.answer(3, {});
        room.advance(Milliseconds(100));  // it takes them again: the next one need not wait
        QCOMPARE(room.journal.calls.size(), std::size_t(5));
        QVERIFY(room.journal.calls[4].entry.plan.stream == room.journal.calls[2].entry.plan.stream);
    }
    void aServerThatStopsTriesAllThatWereRefusedAtOnce() {
        EndsRoom room;
        room.put(EntryKind::Ended);
        room.put(EntryKind::Ended, *StreamId::parse("talk"));
        room.put(EntryKind::Ended, *StreamId::parse("under-way"));
        room.refuse(0);
        room.refuse(1);
        room.ends.putAllAgain();
        QCOMPARE(room.journal.calls.size(), std::size_t(5));
        for (std::size_t call : {3, 4}) QVERIFY(room.journal.calls[call].entry.plan.stream.text() != "under-way");
    }
    void ofADeletedStreamNothingIsPutAgain() {
        EndsRoom room;
        room.put(EntryKind::Ended);
        room.refuse(0);
        room.ends.forget(kKeptShow);
        room.advance(Seconds(60));
        QCOMPARE(room.journal.calls.size(), std::size_t(1));
    }
};
LIVE_TEST(KeptEndsTest)

#include "kept_ends_test.moc"
