#include "tests/support/test_main.h"

#include "server/transcode/worker/output.h"
#include "tests/support/plans.h"

using namespace live;
using namespace live::transcode;
using namespace live::transcode::worker;

namespace {

struct Sink {
    std::vector<Record> records;
    Output output{[this](Record record) { records.push_back(std::move(record)); }};
    media::BroadcastPlan plan = test::examplePlan();
    media::SlotId first{plan.firstSegment, 0};

    Sink() {
        output.start(plan, first, [](Checkpoint& checkpoint) { checkpoint.driftPpb = 42; });
    }
    // All frames of a rendition up to the end of slot `part`.
    void fill(std::uint8_t rendition, std::int32_t part) {
        const media::TrackGrid track = plan.track(rendition);
        const std::int64_t end = plan.grid.firstFrame(track, plan.grid.slotIndex({first.segment, part}) + 1);
        for (std::int64_t frame = output.reached(rendition); frame < end; ++frame) {
            OutputPacket packet;
            packet.rendition = rendition;
            packet.frame = frame;
            output.packet(std::move(packet));
        }
    }
    std::size_t checkpoints() const {
        return static_cast<std::size_t>(
            std::ranges::count_if(records, [](const Record& r) { return std::holds_alternative<Checkpoint>(r); }));
    }
};

Event eventOf(Event::Kind kind, std::uint8_t rendition = 0) {
    Event event;
    event.kind = kind;
    event.rendition = rendition;
    return event;
}

}  // namespace

class OutputTest : public QObject {
    Q_OBJECT
private slots:
    void aCheckpointFollowsTheLastPacketOfASlotInAllRenditions() {
        Sink sink;
        sink.fill(0, 1);
        sink.fill(2, 0);
        QCOMPARE(sink.checkpoints(), std::size_t{0});
        sink.fill(1, 0);
        QCOMPARE(sink.checkpoints(), std::size_t{1});
        const Checkpoint* checkpoint = std::get_if<Checkpoint>(&sink.records.back());
        QVERIFY(checkpoint && checkpoint->slot == sink.first && checkpoint->driftPpb == 42);
        sink.fill(2, 1);
        sink.fill(1, 1);
        QCOMPARE(sink.checkpoints(), std::size_t{2});
    }

    void aRenditionThatIsOffHoldsNothingUpAndSaysNothing() {
        Sink sink;
        sink.output.off(0);
        const std::size_t before = sink.records.size();
        OutputPacket late;
        late.frame = sink.output.reached(0);
        sink.output.packet(std::move(late));
        QCOMPARE(sink.records.size(), before);
        sink.fill(1, 2);
        sink.fill(2, 2);
        QCOMPARE(sink.checkpoints(), std::size_t{3});
        sink.output.on(0, 1'000'000'000'000);
        QCOMPARE(sink.output.reached(0), std::int64_t{1'000'000'000'000});
    }

    // One that kept every other frame is complete again while its encoder still has some of them.
    void aRenditionThatWasNeverOffLosesNothingWhenItIsTurnedOn() {
        Sink sink;
        const std::int64_t first = sink.output.reached(0);
        sink.output.on(0, first + 2);
        for (const std::int64_t frame : {first, first + 2}) {
            OutputPacket pair;
            pair.frame = frame;
            pair.frameCount = 2;
            sink.output.packet(std::move(pair));
        }
        QCOMPARE(sink.records.size(), std::size_t{2});
        QCOMPARE(sink.output.reached(0), first + 4);
    }

    void eventsAboutTheInputAreBoundedAndSheddingIsNot() {
        Sink sink;
        for (int i = 0; i < 1000; ++i) sink.output.event(eventOf(Event::Kind::InputBad), BootTime(Milliseconds(i)));
        QCOMPARE(sink.records.size(), std::size_t{1});
        sink.output.event(eventOf(Event::Kind::InputBad), BootTime(Milliseconds(1000)));
        QCOMPARE(sink.records.size(), std::size_t{2});
        sink.output.event(eventOf(Event::Kind::ShedFrames), BootTime(Milliseconds(1000)));
        sink.output.event(eventOf(Event::Kind::ShedFrames), BootTime(Milliseconds(1000)));
        QCOMPARE(sink.records.size(), std::size_t{4});
    }
};

LIVE_TEST(OutputTest)
#include "output_test.moc"
