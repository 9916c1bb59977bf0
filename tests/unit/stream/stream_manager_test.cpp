#include "tests/support/test_main.h"

#include "server/stream/stream_manager.h"
#include "tests/unit/stream/fake_studio.h"

using namespace live;
using namespace live::stream;
using namespace live::test;
using media::RefusalReason;

namespace {

const StreamId kShow = *StreamId::parse("show");
const StreamId kTalk = *StreamId::parse("talk");

std::string hashOf(std::string_view key) { return sha256Hex(asBytes(key)); }

// Two streams, each with the key "<id>-key".
Policy twoStreams() {
    return {.streams = {{kShow, {.name = "Show"}}, {kTalk, {.name = "Talk"}}},
            .keys = {{hashOf("show-key"), {.stream = kShow, .keyId = "1"}},
                     {hashOf("talk-key"), {.stream = kTalk, .keyId = "2"}}}};
}

// A node whose media thread is the test's.
struct Node {
    boost::asio::io_context context;
    ManualClock clock;
    FakeStudio studio;
    std::shared_ptr<log::MemoryOutput> log = std::make_shared<log::MemoryOutput>();
    StreamManager streams{context, clock, studio, {}, log::Logger(log, log::Level::Info, clock)};

    explicit Node(Policy policy = twoStreams()) { apply(std::move(policy)); }

    void runPosted() {
        context.restart();
        context.poll();
    }
    void apply(Policy policy) {
        streams.apply(std::make_shared<const Policy>(std::move(policy)));
        runPosted();
    }
    // Runs the ticks until it holds.
    bool runUntil(auto condition) {
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
        while (!condition()) {
            if (std::chrono::steady_clock::now() > deadline) return false;
            context.restart();
            context.run_one_for(std::chrono::milliseconds(100));
            clock.advance(Milliseconds(100));
        }
        return true;
    }

    struct Publish {
        std::shared_ptr<FakePublisher> publisher = std::make_shared<FakePublisher>();
        media::PublishPoint::Answer answer;
    };
    Publish publish(std::string key) {
        Publish made{.answer = std::unexpected(media::Refusal{})};
        streams.publish({.key = std::move(key), .peer = "10.0.0.1:1000", .encoder = "OBS"}, made.publisher,
                        [&](media::PublishPoint::Answer answer) { made.answer = std::move(answer); });
        return made;
    }
    // Publishes until the stream is live.
    Publish goLive(const StreamId& stream) {
        streams.start();
        Publish made = publish(stream.text() + "-key");
        LIVE_ASSERT(made.answer);
        sendMedia(**made.answer);
        const bool isLive = runUntil([&] { return streams.stats(stream)->state == StreamState::Live; });
        LIVE_ASSERT(isLive);
        return made;
    }
    Result<void> stop(const StreamId& stream) {
        std::optional<Result<void>> answer;
        streams.stop(stream, Seconds(0), [&](Result<void> result) { answer = std::move(result); });
        runPosted();
        LIVE_ASSERT(answer);
        return *answer;
    }
};

}  // namespace

class StreamManagerTest : public QObject {
    Q_OBJECT
private slots:
    void aKeyOpensItsStreamAndNoOther() {
        Node node;
        node.goLive(kTalk);
        QVERIFY(node.streams.stats(kShow)->state == StreamState::Idle);
        QCOMPARE(node.streams.allStats().size(), std::size_t(1));
    }
    void anUnknownKeyIsRefusedAndNotRepeated() {
        Node node;
        const auto publish = node.publish("guessed-key");
        QVERIFY(!publish.answer);
        QVERIFY(publish.answer.error().reason == RefusalReason::UnknownKey);
        QVERIFY(publish.answer.error().message.find("guessed") == std::string::npos);
        for (const std::string& line : node.log->lines()) QVERIFY(line.find("guessed") == std::string::npos);
    }
    void beforeTheFirstPolicyEveryKeyIsUnknown() {
        Node node(Policy{});
        QVERIFY(node.publish("show-key").answer.error().reason == RefusalReason::UnknownKey);
    }
    void aRevokedKeySendsItsPublisherAwayAndOpensNothingMore() {
        Node node;
        const auto show = node.goLive(kShow), talk = node.publish("talk-key");
        Policy policy = twoStreams();
        policy.keys.erase(hashOf("show-key"));
        node.apply(std::move(policy));
        QVERIFY(show.publisher->refused && show.publisher->refused->reason == RefusalReason::UnknownKey);
        QVERIFY(show.publisher->refused->message.contains("revoked"));
        QVERIFY(!talk.publisher->refused);
        QVERIFY(node.publish("show-key").answer.error().reason == RefusalReason::UnknownKey);
    }
    void anEncoderWithAnotherKeyGoesOnWhereARevokedOneStopped() {
        Node node;
        node.goLive(kShow);
        const std::string broadcast = node.streams.stats(kShow)->broadcastId;
        Policy policy = twoStreams();
        policy.keys.erase(hashOf("show-key"));
        policy.keys.emplace(hashOf("new-key"), KeyPolicy{.stream = kShow, .keyId = "3"});
        node.apply(std::move(policy));
        QVERIFY(node.runUntil([&] { return node.streams.stats(kShow)->state == StreamState::Interrupted; }));
        const auto next = node.publish("new-key");
        QVERIFY(next.answer);
        sendMedia(**next.answer);
        QVERIFY(node.runUntil([&] { return node.streams.stats(kShow)->state == StreamState::Live; }));
        QCOMPARE(node.streams.stats(kShow)->broadcastId, broadcast);
        QVERIFY(!node.studio.calls.contains("end"));
    }
    void aStreamThatWasDisabledSendsItsPublisherAway() {
        Node node;
        const auto show = node.publish("show-key"), talk = node.publish("talk-key");
        Policy policy = twoStreams();
        policy.streams.at(kShow).enabled = false;
        node.apply(std::move(policy));
        QVERIFY(show.publisher->refused && show.publisher->refused->reason == RefusalReason::StreamDisabled);
        QVERIFY(!talk.publisher->refused);
        QVERIFY(node.publish("show-key").answer.error().reason == RefusalReason::StreamDisabled);
    }
    void aStreamThatWasDeletedIsForgotten() {
        Node node;
        const auto show = node.goLive(kShow);
        Policy policy = twoStreams();
        policy.streams.erase(kShow);
        policy.keys.erase(hashOf("show-key"));
        node.apply(std::move(policy));
        QVERIFY(show.publisher->refused && show.publisher->refused->reason == RefusalReason::UnknownKey);
        QCOMPARE(node.studio.calls.last(2), QStringList({"endNow", "forget"}));
        (*show.answer)->onEnd(media::EndReason::ConnectionLost);  // it may say so yet
        QVERIFY(node.runUntil([&] { return node.streams.allStats().empty(); }));
    }
    void onlyWhatIsOnAirCanBeStopped() {
        Node node;
        QVERIFY(node.stop(kShow).error().code == ErrorCode::Conflict);
        QVERIFY(node.stop(kTalk).error().code == ErrorCode::Conflict);
        const auto show = node.publish("show-key");
        QVERIFY(node.stop(kShow));
        QVERIFY(show.publisher->refused && show.publisher->refused->reason == RefusalReason::Stopped);
        QVERIFY(node.stop(kShow).error().code == ErrorCode::Conflict);
        node.streams.start();
        QVERIFY(node.runUntil([&] { return node.streams.allStats().contains(kShow); }));
        QCOMPARE(node.streams.allStats().size(), std::size_t(1));  // and none of who was never there
    }
    void aHoldFromBeforeARestartCanBeLiftedBeforeAnyoneComes() {
        Policy held = twoStreams();
        held.streams.at(kShow).heldUntil = ManualClock().unix() + Seconds(600);
        Node node(held);
        QVERIFY(node.stop(kShow));
        QVERIFY(node.stop(*StreamId::parse("deleted")).error().code == ErrorCode::Conflict);
        QVERIFY(node.publish("show-key").answer);
    }
    void aShutdownLeavesBroadcastsAsTheyAre() {
        Node node;
        const auto show = node.goLive(kShow);
        node.streams.shutdown();
        QVERIFY(!node.studio.calls.contains("end") && !node.studio.calls.contains("endNow"));
        const QStringList before = node.studio.calls;
        media::PublishSink& session = **show.answer;
        session.onPacket({.kind = media::MediaKind::Audio, .data = Buffer(Bytes(1))});  // nobody is there any more
        QCOMPARE(node.studio.calls, before);
        node.runPosted();
        QVERIFY(node.context.stopped());  // no tick is left
    }
    void onlyStreamsOfThePolicyAreResumed() {
        Node node;
        int made = 0;
        const auto make = [&](OnAirListener& listener) -> Result<std::unique_ptr<OnAir>> {
            ++made;
            return std::make_unique<FakeOnAir>(listener, node.studio.calls);
        };
        const BroadcastId broadcast = makeBroadcastId(UnixTime(Seconds(1)));
        node.streams.resume(*StreamId::parse("deleted"), broadcast, make);
        QCOMPARE(made, 0);
        node.streams.resume(kShow, broadcast, make);
        QCOMPARE(made, 1);
    }
    // The API opens right after.
    void whatWasResumedIsInTheStatsAtOnce() {
        Node node;
        const BroadcastId broadcast = makeBroadcastId(UnixTime(Seconds(1)));
        node.streams.resume(kShow, broadcast, [&](OnAirListener& listener) -> Result<std::unique_ptr<OnAir>> {
            return std::make_unique<FakeOnAir>(listener, node.studio.calls);
        });
        node.streams.resume(kTalk, broadcast,
                            [](auto&) { return fail(ErrorCode::Timeout, "it had ended before the restart"); });
        QVERIFY(node.streams.stats(kShow)->state == StreamState::Interrupted);
        QVERIFY(node.streams.stats(kTalk)->state == StreamState::Ended);
        for (const StreamId& id : {kShow, kTalk}) QCOMPARE(node.streams.stats(id)->broadcastId, broadcast.text());
    }
};
LIVE_TEST(StreamManagerTest)

#include "stream_manager_test.moc"
