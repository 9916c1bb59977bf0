#include "tests/support/test_main.h"

#include "server/stream/live_stream.h"
#include "tests/unit/stream/fake_studio.h"

using namespace live;
using namespace live::stream;
using namespace live::test;
using media::EndReason;
using media::RefusalReason;

namespace {

media::PublishRequest request(std::string peer = "10.0.0.1:1000", std::string encoder = "OBS") {
    return {
        .key = "k", .protocol = "rtmp", .application = "live", .peer = std::move(peer), .encoder = std::move(encoder)};
}

struct Room {
    ManualClock clock;
    FakeStudio studio;
    std::shared_ptr<log::MemoryOutput> log = std::make_shared<log::MemoryOutput>();
    LiveStream stream{
        *StreamId::parse("show"), {.name = "Show"}, {}, clock, studio, log::Logger(log, log::Level::Info, clock)};
    std::shared_ptr<FakePublisher> publisher;

    std::shared_ptr<media::PublishSink> publish(media::PublishRequest asked = request()) {
        publisher = std::make_shared<FakePublisher>();
        auto answer = stream.publish(asked, publisher);
        return answer ? *answer : nullptr;
    }
    // Audio alone is enough to go live once the probe's time is over.
    std::shared_ptr<media::PublishSink> goLive() {
        auto session = publish();
        sendMedia(*session);
        advance(Milliseconds(300));
        return session;
    }
    void advance(Nanoseconds by) {
        for (Nanoseconds done{}; done < by; done += Milliseconds(100)) {
            clock.advance(Milliseconds(100));
            stream.tick();
        }
    }
};

}  // namespace

class LiveStreamTest : public QObject {
    Q_OBJECT
private slots:
    void thePacketsOfTheProbeReachTheBroadcast() {
        Room room;
        auto session = room.goLive();
        QVERIFY(room.stream.state() == StreamState::Live);
        QCOMPARE(room.studio.calls, QStringList({"expect", "start", "track", "packet"}));
        session->onPacket({.kind = media::MediaKind::Audio, .data = Buffer(Bytes(1))});
        QCOMPARE(room.studio.calls.back(), "packet");
    }
    void aPublisherThatSendsNothingStartsNothing() {
        Room room;
        auto session = room.publish();
        room.advance(Seconds(4));
        QVERIFY(room.stream.state() == StreamState::Idle);
        session->onEnd(EndReason::ConnectionLost);
        QCOMPARE(room.studio.calls, QStringList({"expect", "abandon"}));
    }
    void tracksWithoutMediaHoldViewersForTenSecondsAndStartNothing() {
        Room room;
        auto session = room.publish();
        session->onTrack({media::MediaKind::Audio, media::Codec::Aac, Buffer(Bytes{0x11, 0x90})});
        room.advance(Milliseconds(9'900));
        QCOMPARE(room.studio.calls, QStringList({"expect"}));
        room.advance(Seconds(5));
        QCOMPARE(room.studio.calls, QStringList({"expect", "abandon"}));
        QVERIFY(room.stream.state() == StreamState::Idle);
        QCOMPARE(room.stream.stats().inputs.at(0).warnings.size(), std::size_t(1));
        sendMedia(*session);
        room.advance(Milliseconds(300));
        QVERIFY(room.stream.state() == StreamState::Live);
        QCOMPARE(room.studio.calls, QStringList({"expect", "abandon", "expect", "start", "track", "track", "packet"}));
    }
    // An encoder with lookahead sends its first picture seconds after its tracks.
    void mediaThatComesLateIsProbedFromItsFirstPacketOn() {
        Room room;
        auto session = room.publish();
        session->onTrack({media::MediaKind::Audio, media::Codec::Aac, Buffer(Bytes{0x11, 0x90})});
        room.advance(Seconds(2));
        session->onPacket({.kind = media::MediaKind::Audio, .data = Buffer(Bytes(100))});
        room.advance(Milliseconds(200));
        QVERIFY(room.stream.state() == StreamState::Idle);
        room.advance(Milliseconds(100));
        QCOMPARE(room.studio.calls, QStringList({"expect", "start", "track", "packet"}));
    }
    void aLostConnectionHasTheReconnectWindow() {
        Room room;
        room.goLive()->onEnd(EndReason::ConnectionLost);
        QVERIFY(room.stream.state() == StreamState::Interrupted);
        room.advance(Seconds(59));
        QVERIFY(room.stream.state() == StreamState::Interrupted);
        room.advance(Seconds(2));
        QVERIFY(room.stream.state() == StreamState::Ended);
        QCOMPARE(room.studio.calls.back(), "end");
    }
    void aPublisherWhoIsThereWhenTheWindowRunsOutGoesOn() {
        Room room;
        room.goLive()->onEnd(EndReason::ConnectionLost);
        room.advance(Milliseconds(59'900));
        auto session = room.publish();
        QVERIFY(session);
        room.advance(Seconds(3));
        QVERIFY(room.stream.state() == StreamState::Interrupted);
        sendMedia(*session);
        QVERIFY(room.stream.state() == StreamState::Live);
        QCOMPARE(room.studio.calls.back(), "packet");
    }
    void publishersWithoutMediaDoNotProlongTheWindow() {
        Room room;
        room.goLive()->onEnd(EndReason::ConnectionLost);
        for (int i = 0; i < 6; ++i) {
            room.advance(Seconds(9));
            room.publish()->onEnd(EndReason::ConnectionLost);
        }
        room.advance(Seconds(7));
        QVERIFY(room.stream.state() == StreamState::Ended);
    }
    void theReconnectWindowBeginsAnewAfterASuspend() {
        Room room;
        room.goLive()->onEnd(EndReason::ConnectionLost);
        room.advance(Seconds(50));
        room.clock.advance(Seconds(300));
        room.advance(Seconds(59));
        QVERIFY(room.stream.state() == StreamState::Interrupted);
        room.advance(Seconds(2));
        QVERIFY(room.stream.state() == StreamState::Ended);
    }
    void aSuspendOfMoreThanTenMinutesEndsTheBroadcast() {
        Room room;
        auto session = room.goLive();
        room.clock.advance(std::chrono::minutes(11));
        room.advance(Milliseconds(100));
        QVERIFY(room.stream.state() == StreamState::Ended);
        QCOMPARE(room.studio.calls.back(), "end");
        QVERIFY(room.publisher->refused);
        session->onPacket({.kind = media::MediaKind::Audio, .data = Buffer(Bytes(1))});
        QCOMPARE(room.studio.calls.back(), "end");
    }
    void aCleanUnpublishEndsAfterTheGrace() {
        Room room;
        room.goLive()->onEnd(EndReason::Unpublished);
        room.advance(Milliseconds(4900));
        QVERIFY(room.stream.state() == StreamState::Interrupted);
        room.advance(Milliseconds(200));
        QVERIFY(room.stream.state() == StreamState::Ended);
    }
    void aPublisherThatComesBackGoesOnWithTheSameBroadcast() {
        Room room;
        room.goLive()->onEnd(EndReason::ConnectionLost);
        const std::string broadcast = room.stream.stats().broadcastId;
        room.advance(Seconds(30));
        auto session = room.publish();
        sendMedia(*session);
        QVERIFY(room.stream.state() == StreamState::Live);
        room.advance(Seconds(60));
        QVERIFY(room.stream.state() == StreamState::Live);
        QCOMPARE(room.stream.stats().broadcastId, broadcast);
        QCOMPARE(room.studio.calls.count("start"), 1);
    }
    void theNewestPublisherWinsAndTheOldOneIsTold() {
        Room room;
        auto first = room.goLive();
        auto old = room.publisher;
        auto second = room.publish(request("10.0.0.2:1", "FFmpeg"));
        QVERIFY(second);
        QVERIFY(old->refused->reason == RefusalReason::TakenOver);
        const auto before = room.studio.calls.size();
        first->onPacket({.data = Buffer(Bytes(1))});  // too late: not in charge any more
        first->onEnd(EndReason::Closed);
        QCOMPARE(room.studio.calls.size(), before);
        QVERIFY(room.stream.state() == StreamState::Live);
    }
    void twoEncodersWithOneKeyAreToldApart() {
        Room room;
        sendMedia(*room.goLive());
        sendMedia(*room.publish(request("10.0.0.2:1", "FFmpeg")));
        sendMedia(*room.publish(request("10.0.0.1:2", "OBS")));
        const auto answer = room.stream.publish(request("10.0.0.2:3", "FFmpeg"), std::make_shared<FakePublisher>());
        QVERIFY(!answer && answer.error().reason == RefusalReason::KeyShared);
        QVERIFY(!room.publisher->refused);  // the one on air stays
        QCOMPARE(room.stream.stats().inputs.at(0).warnings.size(), std::size_t(1));
    }
    void twoEncodersThatLookTheSameDoNotReplaceEachOtherForEver() {
        Room room;
        sendMedia(*room.goLive());
        for (int i = 0; i < 5; ++i) sendMedia(*room.publish());
        const auto answer = room.stream.publish(request(), std::make_shared<FakePublisher>());
        QVERIFY(!answer && answer.error().reason == RefusalReason::KeyShared);
        QVERIFY(!room.publisher->refused);  // the one on air stays
        QCOMPARE(room.stream.stats().inputs.at(0).warnings.size(), std::size_t(1));
        room.advance(Milliseconds(1001));  // it was the same encoder, whose last session is gone
        QVERIFY(room.stream.publish(request(), std::make_shared<FakePublisher>()));
    }
    void aKeyThatIsFoughtOverIsLoggedOnceASecond() {
        Room room;
        room.goLive();
        sendMedia(*room.publish(request("10.0.0.2:1", "FFmpeg")));
        sendMedia(*room.publish(request("10.0.0.1:2", "OBS")));
        const auto logged = [&room] {
            return std::ranges::count_if(room.log->lines(), [](const std::string& line) {
                return line.find("stream.key_shared") != std::string::npos;
            });
        };
        for (int i = 0; i < 100; ++i) room.publish(request("10.0.0.2:3", "FFmpeg"));
        QCOMPARE(logged(), 1);
        room.advance(Seconds(1));
        QCOMPARE(logged(), 2);
        QVERIFY(room.log->lines().back().find("\"count\":99") != std::string::npos);
    }
    void stopEndsTheBroadcastAndHoldsTheKey() {
        Room room;
        QVERIFY(!room.stream.stop(Seconds(60)));
        auto session = room.goLive();
        QVERIFY(room.stream.stop(Seconds(60)));
        QVERIFY(room.publisher->refused->reason == RefusalReason::Stopped);
        QVERIFY(room.stream.state() == StreamState::Ended);
        const auto answer = room.stream.publish(request(), std::make_shared<FakePublisher>());
        QVERIFY(!answer && answer.error().reason == RefusalReason::Held);
        room.advance(Seconds(61));
        QVERIFY(room.stream.publish(request(), std::make_shared<FakePublisher>()));
    }
    void aHoldIsSetAnewOrLiftedByAnotherStop() {
        Room room;
        room.goLive();
        QVERIFY(room.stream.stop(Seconds(60)));
        room.advance(Seconds(50));
        QVERIFY(room.stream.stop(Seconds(60)));
        room.advance(Seconds(50));
        QVERIFY(!room.publish());
        QVERIFY(room.stream.stop(Seconds(0)));
        QVERIFY(room.publish());
        QCOMPARE(room.studio.calls.count("end"), 1);
    }
    void aBroadcastThatHasEndedCanBeStoppedAgain() {
        Room room;
        room.goLive();
        QVERIFY(room.stream.stop(Seconds(0)));
        room.studio.last->listener.ended();
        room.advance(Milliseconds(100));
        QVERIFY(room.stream.stop(Seconds(0)));
        QVERIFY(room.stream.stop(Seconds(60)));
        QVERIFY(!room.publish());
        QCOMPARE(room.studio.calls.count("end"), 1);
    }
    void aHoldFromBeforeARestartCanBeLifted() {
        Room room;
        LiveStream held{
            *StreamId::parse("show"), {.heldUntil = room.clock.unix() + Seconds(60)}, {}, room.clock, room.studio, {}};
        QVERIFY(held.stop(Seconds(0)));
        QVERIFY(held.publish(request(), std::make_shared<FakePublisher>()));
    }
    void aHoldFromBeforeARestartGoesOnAndIsNeverLongerThanAnHour() {
        Room room;
        const auto refusal = [&room](Nanoseconds held) {
            LiveStream stream{
                *StreamId::parse("show"), {.heldUntil = room.clock.unix() + held}, {}, room.clock, room.studio, {}};
            const auto answer = stream.publish(request(), std::make_shared<FakePublisher>());
            return answer ? QString() : QString::fromStdString(answer.error().message);
        };
        QVERIFY(refusal(Seconds(40)).endsWith("try again in 40 s"));
        QVERIFY(refusal(std::chrono::years(3)).endsWith("try again in 3600 s"));
        QCOMPARE(refusal(Seconds(-1)), QString());
    }
    void whatIsWrongWithAnEndIsAnAlarmOfTheStream() {
        Room room;
        room.studio.alarms = {"a restart would bring it back"};
        QCOMPARE(room.stream.stats().alarms, room.studio.alarms);
        room.goLive();
        QVERIFY(room.stream.stats().alarms.empty());
    }
    void theNextBroadcastDoesNotWaitForTheOneBeforeToClose() {
        Room room;
        room.goLive();
        QVERIFY(room.stream.stop(Seconds(0)));
        const std::string first = room.stream.stats().broadcastId;
        room.goLive();
        QVERIFY(room.studio.calls.contains("endNow"));
        QVERIFY(room.stream.state() == StreamState::Live);
        QVERIFY(room.stream.stats().broadcastId != first);
        room.advance(Seconds(5));
        QVERIFY(room.stream.state() == StreamState::Live);
    }
    void aRevokedKeyLeavesTheReconnectWindowToAnotherOne() {
        Room room;
        room.goLive();
        room.stream.setKeys({{sha256Hex(asBytes("k")), {}}});
        QVERIFY(!room.publisher->refused);
        room.stream.setKeys({});
        QVERIFY(room.publisher->refused);
        QVERIFY(room.stream.state() == StreamState::Interrupted);
        room.advance(Seconds(59));
        QVERIFY(room.stream.state() == StreamState::Interrupted);
        room.advance(Seconds(2));
        QVERIFY(room.stream.state() == StreamState::Ended);
    }
    void aDisabledStreamRefusesAndSaysWhatToDo() {
        Room room;
        room.goLive();
        room.stream.setPolicy({.name = "Show", .enabled = false});
        QVERIFY(room.publisher->refused->reason == RefusalReason::StreamDisabled);
        QVERIFY(room.stream.state() == StreamState::Ended);
        const auto answer = room.stream.publish(request(), std::make_shared<FakePublisher>());
        QVERIFY(!answer && answer.error().reason == RefusalReason::StreamDisabled);
        QVERIFY(answer.error().message.find("enable it") != std::string::npos);
        QCOMPARE(answer.error().streamId, std::string("show"));
    }
    void theLogSaysWhyAPublisherWent() {
        Room room;
        const auto lastLine = [&room] { return QString::fromStdString(room.log->lines().back()).trimmed(); };
        room.goLive()->onEnd(EndReason::Closed, "refused: MP3 audio is not supported");
        const QStringList lines{QString::fromStdString(room.log->lines().rbegin()[1]), lastLine()};
        for (const QString& line : lines)
            QVERIFY2(line.contains("\"reason\":\"refused: MP3 audio is not supported\""), qPrintable(line));
        QVERIFY(lines[0].contains("stream.unpublish") && lines[1].contains("stream.state"));
        room.publish()->onEnd(EndReason::ConnectionLost);
        QVERIFY2(lastLine().endsWith("\"stream.unpublish\",\"reason\":\"the encoder's connection was lost\"}"),
                 qPrintable(lastLine()));
    }
    void theLogSaysWhyAPublisherWasSentAway() {
        using Cause = void (*)(Room&);
        const std::pair<Cause, const char*> causes[] = {
            {[](Room& room) { QVERIFY(room.stream.stop(Seconds(30))); }, "an operator ended the broadcast"},
            {[](Room& room) { QVERIFY(room.publish()); },
             "another encoder has taken this stream over with the same key"},
            {[](Room& room) { room.stream.setKeys({}); },
             "this stream key was revoked; publish with another key of the stream"},
            {[](Room& room) { room.stream.setPolicy({.enabled = false}); },
             "stream 'show' was disabled by an operator"},
            {[](Room& room) { room.studio.last->listener.inputUnsupported("the video is HDR"); }, "the video is HDR"},
            {[](Room& room) { room.stream.remove(); }, "stream 'show' was deleted"}};
        for (const auto& [cause, reason] : causes) {
            Room room;
            const auto session = room.goLive();
            cause(room);
            const auto lines = room.log->lines();
            const auto told = std::ranges::count_if(lines, [reason](const std::string& line) {
                return line.find("stream.unpublish") != line.npos && line.find(reason) != line.npos;
            });
            QVERIFY2(told == 1, reason);
            session->onEnd(EndReason::Closed);  // by now it is nobody's
            QCOMPARE(room.log->lines().size(), lines.size());
        }
    }
    void mediaThatTheDecoderRefusesIsToldToTheBroadcaster() {
        Room room;
        room.goLive();
        room.studio.last->listener.inputUnsupported("the video is HDR");
        QVERIFY(room.publisher->refused->reason == RefusalReason::UnsupportedMedia);
        QVERIFY(room.stream.state() == StreamState::Interrupted);
    }
};
LIVE_TEST(LiveStreamTest)

#include "live_stream_test.moc"
