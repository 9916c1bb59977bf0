#include "tests/support/test_main.h"

#include "server/media/plan_codec.h"
#include "tests/support/plans.h"

using namespace live;
using namespace live::media;

class PlanCodecTest : public QObject {
    Q_OBJECT
private slots:
    void everyGridAndEveryFieldComeBack() {
        for (Rational rate :
             {Rational{24000, 1001}, {24, 1}, {25, 1}, {30000, 1001}, {30, 1}, {50, 1}, {60000, 1001}, {60, 1}})
            for (LatencyProfile profile : {LatencyProfile::Low, LatencyProfile::Ultra})
                for (int seconds = 1; seconds <= 10; ++seconds) {
                    BroadcastPlan plan = test::examplePlan(400'000'000);
                    plan.grid = Grid(Seconds(seconds), profile, rate);
                    plan.window = Seconds(3600);
                    plan.captions = true;
                    plan.discontinuitySequence = 7;
                    const auto back = decodePlan(encode(plan));
                    QVERIFY2(back.has_value(), back ? "" : back.error().message.c_str());
                    QVERIFY(*back == plan);
                }
    }
    void aPlanThatIsCutOrLongerIsRefused() {
        const Bytes whole = encode(test::examplePlan());
        for (std::size_t size = 0; size < whole.size(); ++size) QVERIFY(!decodePlan(ByteView(whole).first(size)));
        Bytes longer = whole;
        longer.push_back(0);
        QVERIFY(!decodePlan(longer));
    }
    void noSingleChangedByteIsReadOutOfBounds() {  // it is refused, or another plan with bounds of its own
        const Bytes whole = encode(test::examplePlan());
        for (std::size_t at = 0; at < whole.size(); ++at)
            for (int flip : {0x01, 0x80, 0xff}) {
                Bytes changed = whole;
                changed[at] = static_cast<std::uint8_t>(changed[at] ^ flip);
                const auto plan = decodePlan(changed);
                QVERIFY(!plan || encode(*plan) == changed);
            }
    }
    void anotherVersionIsUnsupported() {
        Bytes bytes = encode(test::examplePlan());
        bytes[0] = kPlanVersion + 1;
        QVERIFY(decodePlan(bytes).error().code == ErrorCode::Unsupported);
    }
    void renditionsAreVideoAndThenOneAudio() {
        const BroadcastPlan good = test::examplePlan();
        BroadcastPlan plan = good;
        plan.renditions.pop_back();
        QVERIFY(!decodePlan(encode(plan)));
        plan = good;
        std::swap(plan.renditions[0], plan.renditions[2]);
        QVERIFY(!decodePlan(encode(plan)));
        plan = good;
        plan.renditions[1].id = plan.renditions[0].id;
        QVERIFY(!decodePlan(encode(plan)));
        plan = good;
        plan.renditions[0].width = 1281;
        QVERIFY(!decodePlan(encode(plan)));
        plan = good;
        plan.renditions.insert(plan.renditions.begin(), 8, good.renditions[0]);
        QVERIFY(!decodePlan(encode(plan)));
    }
    void aStartThatNanosecondsCannotHoldIsRefused() {
        QVERIFY(!decodePlan(encode(test::examplePlan(std::int64_t{1} << 32))));
        QVERIFY(!decodePlan(encode(test::examplePlan(-1))));
    }
};
LIVE_TEST(PlanCodecTest)

#include "plan_codec_test.moc"
