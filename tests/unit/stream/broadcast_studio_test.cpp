#include "tests/support/test_main.h"

#include "server/stream/broadcast_studio.h"
#include "tests/support/broadcast_room.h"
#include "tests/support/plans.h"

using namespace live;
using namespace live::stream;

namespace {

// A studio that makes real broadcasts with workers of the test's.
struct StudioRoom : test::BroadcastRoom {
    explicit StudioRoom(std::optional<Seconds> window = {})
        : BroadcastRoom(test::examplePlan()),
          studio(context(), directory, {.ladder = Ladder{{.height = 160, .bitrate = 200'000}}, .window = window}) {}
    Result<std::unique_ptr<OnAir>> start(const BroadcastSettings& settings) {
        return studio.start(plan.stream, settings, {.width = 320, .height = 180}, *this);
    }
    void advance(Nanoseconds by) {
        clock.advance(by);
        studio.tick();
        settle();
    }
    std::vector<std::string> alarms() const {
        StreamStats stats;
        studio.describe(plan.stream, stats);
        return stats.alarms;
    }

    store::Directory directory;
    BroadcastStudio studio;
};

}  // namespace

class BroadcastStudioTest : public QObject {
    Q_OBJECT
private slots:
    void anEndThatTheJournalRefusesIsStoredWhenTheBroadcastIsGone() {
        StudioRoom room;
        auto onAir = room.start({});
        QVERIFY(onAir);
        room.settle();
        QVERIFY(!room.journal.isEnded);
        room.journalAnswer = fail(ErrorCode::Unavailable, "the database is busy");
        (*onAir)->endNow();
        onAir->reset();
        room.settle();
        QCOMPARE(room.alarms().size(), std::size_t(1));
        QVERIFY(room.alarms()[0].starts_with("a restart would bring the ended broadcast back"));
        room.journal = {};
        room.journalAnswer = {};
        room.advance(Seconds(5));
        QVERIFY(room.journal.isEnded);
        QVERIFY(room.alarms().empty());
    }
    // A stream that was deleted has no end to store.
    void anEndThatTheJournalRefusesIsForgottenWithItsStream() {
        StudioRoom room;
        room.journalAnswer = fail(ErrorCode::Unavailable, "the database is busy");
        auto onAir = room.start({});
        QVERIFY(onAir);
        (*onAir)->endNow();
        onAir->reset();
        room.settle();
        QCOMPARE(room.alarms().size(), std::size_t(1));
        room.studio.forget(room.plan.stream);
        QVERIFY(room.alarms().empty());
        room.journalAnswer = {};
        room.journal = {};
        room.advance(Seconds(5));
        QVERIFY(!room.journal.isEnded);
    }
    void theServersWindowIsNeverTooShortForAStreamsSegments() {
        StudioRoom room(Seconds(20));
        const auto longSegments = room.start({.segmentDuration = Seconds(10)});
        QVERIFY2(longSegments, longSegments ? "" : longSegments.error().describe().c_str());
        QVERIFY((*longSegments)->plan().window == Seconds(80));
        const auto shortSegments = room.start({.segmentDuration = Seconds(2)});
        QVERIFY(shortSegments);
        QVERIFY((*shortSegments)->plan().window == Seconds(20));
    }
};
LIVE_TEST(BroadcastStudioTest)

#include "broadcast_studio_test.moc"
