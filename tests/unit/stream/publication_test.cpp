#include "tests/support/test_main.h"

#include "server/stream/publication.h"

using namespace live;
using namespace live::stream;

namespace {
std::shared_ptr<const store::StreamSnapshot> snapshot(bool isEnded) {
    auto made = std::make_shared<store::StreamSnapshot>();
    made->isEnded = isEnded;
    made->plan.broadcast = makeBroadcastId(UnixTime(Seconds(1)));
    made->plan.window = Seconds(30);
    return made;
}
}  // namespace

class PublicationTest : public QObject {
    Q_OBJECT
    const StreamId m_id = *StreamId::parse("show");

private slots:
    void viewersAreHeldFromTheAcceptedPublishToTheFirstPlaylist() {
        ManualClock clock;
        store::Directory directory;
        Publication publication(m_id, directory, clock, [](const BroadcastId&) {});
        QVERIFY(!directory.find(m_id));
        publication.starting();
        QVERIFY(directory.find(m_id)->isStarting);
        publication.publish(snapshot(false));
        QVERIFY(!directory.find(m_id)->isStarting);
        QVERIFY(directory.find(m_id)->current);
    }
    void anAbandonedStartLeavesNothingOrTheEndedBroadcast() {
        ManualClock clock;
        store::Directory directory;
        Publication publication(m_id, directory, clock, [](const BroadcastId&) {});
        publication.starting();
        publication.abandon();
        QVERIFY(!directory.find(m_id));
        publication.publish(snapshot(true));
        publication.starting();
        publication.abandon();
        QVERIFY(directory.find(m_id)->current->isEnded);
    }
    void anEndedBroadcastStaysForAnHour() {
        ManualClock clock;
        store::Directory directory;
        int dropped = 0;
        Publication publication(m_id, directory, clock, [&dropped](const BroadcastId&) { ++dropped; });
        publication.publish(snapshot(true));
        clock.advance(std::chrono::minutes(59));
        publication.tick();
        QVERIFY(directory.find(m_id));
        clock.advance(std::chrono::minutes(1));
        publication.tick();
        QVERIFY(!directory.find(m_id));
        QCOMPARE(dropped, 1);
    }
    void aBroadcastThatStillClosesWhenTheNextOneStartsIsNotTakenForIt() {
        ManualClock clock;
        store::Directory directory;
        std::vector<BroadcastId> dropped;
        Publication publication(m_id, directory, clock, [&dropped](const BroadcastId& id) { dropped.push_back(id); });
        auto closing = snapshot(false);
        publication.publish(closing);
        publication.starting();
        auto final = std::make_shared<store::StreamSnapshot>(*closing);
        final->isEnded = true;
        publication.publish(final);
        QVERIFY(directory.find(m_id)->isStarting && !directory.find(m_id)->current);
        QVERIFY(directory.find(m_id)->previous->isEnded);
        publication.publish(snapshot(false));
        QVERIFY(directory.find(m_id)->current && !directory.find(m_id)->isStarting);
        clock.advance(std::chrono::hours(2));
        publication.tick();
        QVERIFY(directory.find(m_id)->current && !directory.find(m_id)->previous);
        QCOMPARE(dropped.size(), std::size_t(1));
        QVERIFY(dropped.front() == closing->plan.broadcast);
    }
    void theBroadcastBeforeGoesOneWindowAfterTheNextOneStarted() {
        ManualClock clock;
        store::Directory directory;
        int dropped = 0;
        Publication publication(m_id, directory, clock, [&dropped](const BroadcastId&) { ++dropped; });
        publication.publish(snapshot(true));
        publication.starting();
        publication.publish(snapshot(false));
        QVERIFY(directory.find(m_id)->previous);
        clock.advance(Seconds(30));
        publication.tick();
        QVERIFY(!directory.find(m_id)->previous);
        QCOMPARE(dropped, 1);
        QVERIFY(directory.find(m_id)->current);
    }
};
LIVE_TEST(PublicationTest)

#include "publication_test.moc"
