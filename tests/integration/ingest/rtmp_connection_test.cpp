#include "tests/support/test_main.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <deque>
#include <fstream>

#include "tests/integration/ingest/server_under_test.h"
#include "tests/support/rtmp_client.h"
#include "tests/support/rtmp_media.h"

using namespace live;
using namespace live::test;
using live::ingest::io::RtmpConfig;
using media::EndReason;
using media::MediaKind;

namespace {

// How many times the memory a program takes it has under its sanitizer.
#ifdef __SANITIZE_THREAD__
constexpr std::size_t kShadow = 4;
#else
constexpr std::size_t kShadow = 1;
#endif

Bytes publishBytes(const std::string& key = "right-key") {
    return RtmpClient().handshake().connect("live").createStream().publish(key).take();
}

Bytes mediaBytes(int frames, std::uint32_t firstTime = 0) {
    RtmpClient client;
    client.video(0, avcConfigurationBody()).audio(0, aacConfigurationBody());
    for (int i = 0; i < frames; ++i) {
        const std::uint32_t time = firstTime + static_cast<std::uint32_t>(i) * 40;
        client.video(time, avcFrameBody(i == 0)).audio(time, aacFrameBody());
    }
    return client.take();
}

// A broadcaster that has been admitted.
struct Broadcaster : TestSocket {
    std::shared_ptr<RecordingPublishPoint::Recording> recording;

    explicit Broadcaster(ServerUnderTest& server) : TestSocket(server) {
        const std::size_t before = server.publishPoint.recordings.size();
        send(server, publishBytes());
        if (!server.runUntil([&] { return hasReceived("NetStream.Publish.Start"); })) qFatal("not admitted");
        recording = server.publishPoint.recordings.at(before);
    }
};

std::size_t residentBytes() {
    std::ifstream file("/proc/self/statm");
    std::size_t total = 0, resident = 0;
    file >> total >> resident;
    return resident * 4096;
}

}  // namespace

class RtmpConnectionTest : public QObject {
    Q_OBJECT
private slots:
    void packetsReachTheStreamAndAnUnpublishEndsIt() {
        ServerUnderTest server;
        Broadcaster broadcaster(server);
        broadcaster.send(server, mediaBytes(10));
        broadcaster.send(server,
                         RtmpClient().command(1, {{std::string("deleteStream")}, {6.0}, {amf0::Null{}}, {1.0}}).take());
        QVERIFY(server.runUntil([&] { return broadcaster.recording->end.has_value(); }));
        QVERIFY(broadcaster.recording->end == EndReason::Unpublished);
        QCOMPARE(broadcaster.recording->packets.size(), std::size_t(20));
        QVERIFY(broadcaster.recording->violations.empty());
        QCOMPARE(broadcaster.recording->request.protocol, std::string("rtmp"));
        QVERIFY(broadcaster.recording->request.peer.starts_with("127.0.0.1:"));
        QVERIFY(server.runUntil([&] { return broadcaster.hasReceived("NetStream.Unpublish.Success"); }));
        QCOMPARE(server.counters().publishing, std::uint64_t(0));
        server.advance(Milliseconds(999));
        QCOMPARE(server.counters().connections, std::uint64_t(1));
        server.advance(Milliseconds(1));
        QCOMPARE(server.counters().connections, std::uint64_t(0));
    }
    void aWrongKeyIsRefusedWithTheReasonAndClosedAfterASecond() {
        ServerUnderTest server;
        TestSocket socket(server);
        socket.send(server, publishBytes("wrong-key"));
        QVERIFY(server.runUntil([&] { return socket.hasReceived("this stream key is not known"); }));
        QVERIFY(socket.hasReceived("NetStream.Publish.BadName"));
        QCOMPARE(server.counters().refusals[std::size_t(media::RefusalReason::UnknownKey)], std::uint64_t(1));
        QVERIFY(!socket.readAll());
        server.advance(Seconds(1));
        QVERIFY(server.runUntil([&] { return socket.readAll(); }));
    }
    void anUnknownApplicationIsRefused() {
        ServerUnderTest server;
        TestSocket socket(server);
        socket.send(server, RtmpClient().handshake().connect("vod").take());
        QVERIFY(server.runUntil([&] { return socket.hasReceived("NetConnection.Connect.InvalidApp"); }));
        QCOMPARE(server.counters().unknownApplication, std::uint64_t(1));
        QVERIFY(server.publishPoint.recordings.empty());
    }
    void aConnectionThatBreaksIsALostPublisher() {
        ServerUnderTest server;
        Broadcaster broadcaster(server);
        broadcaster.send(server, mediaBytes(1));
        broadcaster.socket.close();
        QVERIFY(server.runUntil([&] { return broadcaster.recording->end.has_value(); }));
        QVERIFY(broadcaster.recording->end == EndReason::ConnectionLost);
        QCOMPARE(server.counters().connections, std::uint64_t(0));
    }
    void aPublisherThatFallsSilentIsLostAfterFiveSeconds() {
        ServerUnderTest server;
        Broadcaster broadcaster(server);
        server.advance(Milliseconds(4000));
        broadcaster.send(server, mediaBytes(1));
        QVERIFY(server.runUntil([&] { return broadcaster.recording->packets.size() == 2; }));
        server.advance(Milliseconds(4999));
        QVERIFY(!broadcaster.recording->end);
        server.advance(Milliseconds(1));
        QVERIFY(broadcaster.recording->end == EndReason::ConnectionLost);
        QCOMPARE(broadcaster.recording->endedBecause, std::string("the encoder sent no more media"));
        QCOMPARE(server.counters().deadPeers, std::uint64_t(1));
        QVERIFY(server.runUntil([&] { return broadcaster.readAll(); }));
    }
    void aPublisherThatOnlyTalksAndSendsNoMediaIsLostAfterFiveSeconds() {
        ServerUnderTest server;
        Broadcaster broadcaster(server);
        const Bytes talk = RtmpClient()
                               .message({MessageType::UserControl, 0, 0, 2, Buffer(Bytes{0, 6, 0, 0, 0, 1})})
                               .metadata({{"width", {1280.0}}})
                               .video(0, avcConfigurationBody())
                               .audio(0, aacFrameBody())  // without its configuration: of no use
                               .take();
        for (int i = 0; i < 4; ++i) {
            server.advance(Milliseconds(1249));
            const std::uint64_t before = server.counters().bytesReceived;
            broadcaster.send(server, talk);
            QVERIFY(server.runUntil([&] { return server.counters().bytesReceived == before + talk.size(); }));
        }
        QVERIFY(!broadcaster.recording->end);
        server.advance(Milliseconds(4));
        QVERIFY(broadcaster.recording->end == EndReason::ConnectionLost);
        QCOMPARE(server.counters().deadPeers, std::uint64_t(1));
    }
    void aFloodOfTinyPacketsEndsItsSessionAndAFastOneDoesNot() {
        ServerUnderTest server;
        Broadcaster fast(server), flood(server);
        for (std::size_t second = 1; second <= 3; ++second) {
            fast.send(server, mediaBytes(1900));
            QVERIFY(server.runUntil([&] { return fast.recording->packets.size() == second * 3800; }));
            server.advance(Seconds(1));
        }
        flood.send(server, mediaBytes(2100));
        QVERIFY(server.runUntil([&] { return flood.recording->end.has_value(); }));
        QVERIFY(flood.recording->end == EndReason::ProtocolError);
        QVERIFY(flood.recording->endedBecause.starts_with("protocol error: "));
        QVERIFY(flood.recording->packets.size() <= 4000);
        QCOMPARE(server.counters().protocolErrors, std::uint64_t(1));
        QVERIFY(!fast.recording->end);
    }
    void framesThatCannotBeUsedAreCountedWhileTheyCome() {
        ServerUnderTest server;
        Broadcaster broadcaster(server);
        broadcaster.send(server, RtmpClient().video(0, avcFrameBody(true)).audio(0, aacFrameBody()).take());
        QVERIFY(server.runUntil([&] { return server.counters().earlyFrames == 2; }));
        Bytes damaged = avcFrameBody(true);
        damaged[5] = 0x7F;
        broadcaster.send(server, RtmpClient().video(0, avcConfigurationBody()).video(0, damaged).take());
        QVERIFY(server.runUntil([&] { return server.counters().damagedFrames == 1; }));
        QVERIFY(!broadcaster.recording->end);
        broadcaster.socket.close();
        QVERIFY(server.runUntil([&] { return broadcaster.recording->end.has_value(); }));
        QCOMPARE(server.counters().earlyFrames, std::uint64_t(2));
        QCOMPARE(server.counters().damagedFrames, std::uint64_t(1));
    }
    void theRestOfABurstIsReportedWithinASecond() {
        ServerUnderTest server;
        const auto refuse = [&server](const std::string& key) {
            TestSocket socket(server);
            socket.send(server, publishBytes(key));
            return server.runUntil([&] { return socket.hasReceived("this stream key is not known"); });
        };
        for (int i = 0; i < 3; ++i) QVERIFY(refuse("wrong-key"));
        for (int i = 0; i < 3; ++i) {
            TestSocket socket(server);
            socket.send(server, Bytes(10, 0));
            QVERIFY(server.runUntil([&] { return socket.readAll(); }));
        }
        QCOMPARE(server.log->lines().size(), std::size_t(2));
        server.advance(Seconds(1));
        QCOMPARE(server.log->lines().size(), std::size_t(4));
        QVERIFY(server.log->lines()[2].find("rtmp.refused") != std::string::npos);
        QVERIFY(server.log->lines()[3].find("rtmp.protocol_error") != std::string::npos);
        for (int i : {2, 3}) QVERIFY(server.log->lines()[std::size_t(i)].find("\"count\":2") != std::string::npos);
        QVERIFY(server.log->lines()[2].find("this stream key is not known") != std::string::npos);
        server.advance(Seconds(5));
        QCOMPARE(server.log->lines().size(), std::size_t(4));
    }
    void everyReasonOfASecondReachesTheLogAndWithItTheStreamOnceItIsKnown() {
        ServerUnderTest server;
        TestSocket wrong(server), without(server), elsewhere(server);
        wrong.send(server, publishBytes("wrong-key"));
        QVERIFY(server.runUntil([&] { return wrong.hasReceived("this stream key is not known"); }));
        without.send(server, publishBytes(""));
        QVERIFY(server.runUntil([&] { return without.hasReceived("no stream key was sent"); }));
        elsewhere.send(server, RtmpClient().handshake().connect("vod").take());
        QVERIFY(server.runUntil([&] { return elsewhere.hasReceived("this address takes no streams"); }));
        Broadcaster hevc(server);
        hevc.send(server, RtmpClient().video(0, {0x1C, 0, 0, 0, 0, 1, 1}).take());
        QVERIFY(server.runUntil([&] { return hevc.hasReceived("HEVC (H.265)"); }));
        const auto lines = server.log->lines();
        QCOMPARE(lines.size(), std::size_t(4));
        const char* const messages[] = {
            "\"message\":\"this stream key is not known", "\"message\":\"no stream key was sent",
            "\"message\":\"this address takes no streams", "\"stream_id\":\"show\",\"message\":\"HEVC (H.265)"};
        for (std::size_t i = 0; i < 4; ++i) {
            QVERIFY2(lines[i].find(messages[i]) != std::string::npos, lines[i].c_str());
            QVERIFY(lines[i].find("\"peer\":\"127.0.0.1:") != std::string::npos);
        }
    }
    void anAddressThatTriesKeysIsTurnedAwayUnlessItPublishes() {
        ServerUnderTest server;
        for (int i = 0; i < 10; ++i) {
            TestSocket guess(server);
            guess.send(server, publishBytes("wrong-key"));
            QVERIFY(server.runUntil([&] { return guess.hasReceived("this stream key is not known"); }));
        }
        for (std::uint64_t i = 1; i <= 3; ++i) {
            TestSocket late(server);
            QVERIFY(server.runUntil([&] { return late.readAll(); }));
            QCOMPARE(server.counters().rateLimited, i);
        }
        const auto lines = server.log->lines();
        const auto isTurnedAway = [](const auto& line) { return line.find("rtmp.rate_limited") != std::string::npos; };
        QCOMPARE(std::ranges::count_if(lines, isTurnedAway), 1);
        const std::string& said = *std::ranges::find_if(lines, isTurnedAway);
        QVERIFY2(said.find("let in in 6 s, then 10 a minute (rtmp.refusals_per_minute)") != std::string::npos,
                 said.c_str());
        server.advance(Seconds(6));
        Broadcaster broadcaster(server);
        for (int i = 0; i < 12; ++i) {
            TestSocket guess(server);
            guess.send(server, publishBytes("wrong-key"));
            QVERIFY(server.runUntil([&] { return guess.hasReceived("this stream key is not known"); }));
        }
        QCOMPARE(server.counters().rateLimited, std::uint64_t(3));
        broadcaster.socket.close();
        QVERIFY(server.runUntil([&] { return broadcaster.recording->end.has_value(); }));
        Broadcaster again(server);
    }
    void halfAHandshakeIsClosedAfterFiveSeconds() {
        ServerUnderTest server;
        TestSocket socket(server);
        socket.send(server, ByteView(handshakeBytes()).first(800));
        QVERIFY(server.runUntil([&] { return server.counters().bytesReceived == 800; }));
        server.advance(Milliseconds(4999));
        QCOMPARE(server.counters().connections, std::uint64_t(1));
        server.advance(Milliseconds(1));
        QVERIFY(server.runUntil([&] { return socket.readAll(); }));
        QCOMPARE(server.counters().handshakeTimeouts, std::uint64_t(1));
    }
    void whoeverNeverPublishesIsClosedAfterTenSeconds() {
        ServerUnderTest server;
        TestSocket socket(server);
        socket.send(server, RtmpClient().handshake().connect("live").take());
        QVERIFY(server.runUntil([&] { return socket.hasReceived("NetConnection.Connect.Success"); }));
        server.advance(Seconds(9));
        QCOMPARE(server.counters().connections, std::uint64_t(1));
        server.advance(Seconds(1));
        QCOMPARE(server.counters().publishTimeouts, std::uint64_t(1));
    }
    void admissionMayComeLater() {
        ServerUnderTest server;
        server.publishPoint.answersLater = true;
        TestSocket socket(server);
        socket.send(server, publishBytes());
        QVERIFY(server.runUntil([&] { return bool(server.publishPoint.pending); }));
        socket.send(server, mediaBytes(3));
        server.advance(Seconds(60));
        const auto recording = server.publishPoint.recordings[0];
        QVERIFY(!socket.hasReceived("onStatus"));
        server.publishPoint.pending(recording);
        QVERIFY(server.runUntil([&] { return recording->packets.size() == 6; }));
        QVERIFY(socket.hasReceived("NetStream.Publish.Start"));
    }
    void anEncoderThatLeavesBeforeItIsAdmittedIsALostPublisher() {
        ServerUnderTest server;
        server.publishPoint.answersLater = true;
        {
            TestSocket socket(server);
            socket.send(server, publishBytes());
            QVERIFY(server.runUntil([&] { return bool(server.publishPoint.pending); }));
        }
        QVERIFY(server.runUntil([&] { return server.counters().connections == 0; }));
        const auto recording = server.publishPoint.recordings[0];
        server.publishPoint.pending(recording);
        QVERIFY(recording->end == EndReason::ConnectionLost);
        QCOMPARE(server.counters().publishing, std::uint64_t(0));
    }
    void theStreamClosesAPublisherFromWithinItsOwnCall() {
        ServerUnderTest server;
        Broadcaster broadcaster(server);
        auto& recording = *broadcaster.recording;
        bool endedWithin = false;
        recording.whenPacket = [&](const media::Packet&) {
            recording.publisher.lock()->close({media::RefusalReason::TakenOver, "another encoder has taken over"});
            endedWithin = recording.end.has_value();
        };
        broadcaster.send(server, mediaBytes(10));
        QVERIFY(server.runUntil([&] { return recording.end.has_value(); }));
        QVERIFY(!endedWithin);
        QVERIFY(recording.end == EndReason::Closed);
        QCOMPARE(recording.packets.size(), std::size_t(1));
        QVERIFY(recording.violations.empty());
        QVERIFY(server.runUntil([&] { return broadcaster.hasReceived("another encoder has taken over"); }));
        QCOMPARE(server.counters().refusals[std::size_t(media::RefusalReason::TakenOver)], std::uint64_t(1));
    }
    void hevcInLegacyFlvIsRefusedByName() {
        ServerUnderTest server;
        Broadcaster broadcaster(server);
        broadcaster.send(server, RtmpClient().video(0, {0x1C, 0, 0, 0, 0, 1, 1}).take());
        QVERIFY(server.runUntil([&] { return broadcaster.hasReceived("HEVC (H.265) video is not supported"); }));
        QVERIFY(broadcaster.recording->end == EndReason::Closed);
        QVERIFY(broadcaster.recording->endedBecause.starts_with("refused: HEVC (H.265) video is not supported"));
        QCOMPARE(server.counters().refusals[std::size_t(media::RefusalReason::UnsupportedMedia)], std::uint64_t(1));
    }
    void timesFromJustBelowTheWrapGoThrough() {
        ServerUnderTest server;
        Broadcaster broadcaster(server);
        broadcaster.send(server, mediaBytes(200, 0xFFFFF000));
        QVERIFY(server.runUntil([&] { return broadcaster.recording->packets.size() == 400; }));
        std::int64_t before = 0;
        for (const auto& packet : broadcaster.recording->packets) {
            QVERIFY(packet.dts >= before);
            before = packet.dts;
        }
        QCOMPARE(before, std::int64_t(0xFFFFF000) + 199 * 40);
    }
    void malformedBytesCloseThatSessionAndNoOther() {
        ServerUnderTest server;
        Broadcaster good(server);
        std::mt19937 random(4);
        Bytes noise(20'000);
        for (auto& byte : noise) byte = static_cast<std::uint8_t>(random());
        noise[0] = 0;
        TestSocket notRtmp(server);
        notRtmp.send(server, noise);
        TestSocket huge(server);  // 0xFFFFFF bytes announced on each of 64 chunk streams
        RtmpClient client;
        client.handshake().connect("live");
        for (int csid = 64; csid < 128; ++csid) {
            ByteWriter header;
            client.raw(header.u8(0).u8(csid - 64).u24(0).u24(0xFFFFFF).u8(9).u32(0).zeros(128).view());
        }
        huge.send(server, client.take());
        Broadcaster afterwards(server);
        afterwards.send(server, Bytes(20, 0xFF));
        QVERIFY(server.runUntil([&] { return notRtmp.readAll() && huge.readAll() && afterwards.readAll(); }));
        QCOMPARE(server.counters().protocolErrors, std::uint64_t(3));
        QVERIFY(afterwards.recording->end == EndReason::ProtocolError);
        good.send(server, mediaBytes(3));
        QVERIFY(server.runUntil([&] { return good.recording->packets.size() == 6; }));
    }
    void aPeerThatNeverReadsOurAnswersIsClosed() {
        ServerUnderTest server;
        Broadcaster broadcaster(server);
        // The less the kernel takes for it, the sooner, and long before the silence of its media is noticed.
        broadcaster.socket.set_option(boost::asio::socket_base::receive_buffer_size(4096));
        RtmpClient client;
        for (int i = 0; i < 5000; ++i)
            client.command(0, {{std::string("getStreamLength")}, {8.0}, {amf0::Null{}}, {std::string("x")}});
        const Bytes flood = client.take();
        for (int i = 0; i < 200 && !broadcaster.recording->end; ++i) broadcaster.send(server, flood);
        QVERIFY(server.runUntil([&] { return broadcaster.recording->end.has_value(); }));
        QCOMPARE(server.counters().stalledWrites, std::uint64_t(1));
    }
    void aCrowdThatSaysNothingKeepsNoBroadcasterOut() {
        ServerUnderTest server(RtmpConfig{.maxConnections = 8});
        Broadcaster first(server);
        std::deque<TestSocket> crowd;
        for (int i = 0; i < 30; ++i) crowd.emplace_back(server);
        QVERIFY(server.runUntil([&] { return server.counters().accepted == 31; }));
        QCOMPARE(server.counters().connections, std::uint64_t(8));
        QCOMPARE(server.counters().evicted, std::uint64_t(23));
        Broadcaster second(server);
        first.send(server, mediaBytes(1));
        QVERIFY(server.runUntil([&] { return first.recording->packets.size() == 2; }));
    }
    void publishersAreNeverEvicted() {
        ServerUnderTest server(RtmpConfig{.maxConnections = 2});
        Broadcaster first(server), second(server);
        TestSocket third(server);
        QVERIFY(server.runUntil([&] { return third.readAll(); }));
        QCOMPARE(server.counters().turnedAway, std::uint64_t(1));
        QVERIFY(!first.recording->end && !second.recording->end);
    }
    void eightThousandSilentConnectionsCostLittle() {
        // Both ends are in this process: two descriptors each.
        rlimit limit{};
        getrlimit(RLIMIT_NOFILE, &limit);
        const std::size_t count = std::min<std::size_t>(8000, limit.rlim_cur / 2 - 200);
        ServerUnderTest server(RtmpConfig{.maxConnections = count + 10});
        std::deque<TestSocket> crowd;
        const std::size_t before = residentBytes();
        while (crowd.size() < count) {
            for (int i = 0; i < 100 && crowd.size() < count; ++i) crowd.emplace_back(server);
            QVERIFY(server.runUntil([&] { return server.counters().accepted == crowd.size(); }));
        }
        const std::size_t each = (residentBytes() - before) / count;
        qInfo("%zu connections, %zu bytes for both ends of each", count, each);
        QVERIFY2(each < kShadow * 8 * 1024, qPrintable(QString::number(each)));
        Broadcaster broadcaster(server);
        server.advance(Seconds(4));
        broadcaster.send(server, mediaBytes(1));
        QVERIFY(server.runUntil([&] { return broadcaster.recording->packets.size() == 2; }));
        server.advance(Seconds(1));
        QCOMPARE(server.counters().connections, std::uint64_t(1));
        QCOMPARE(server.counters().handshakeTimeouts, std::uint64_t(count));
    }
    void connectionsThatAnnounceMuchBeforePublishCostWhatTheySent() {
        ServerUnderTest server;
        RtmpClient client;
        client.handshake();
        for (int csid = 64; csid < 128; ++csid) {
            ByteWriter chunk;
            client.raw(chunk.u8(0).u8(csid - 64).u24(0).u24(64 * 1024).u8(9).u32(0).zeros(128).view());
        }
        const Bytes greedy = client.take();
        std::deque<TestSocket> crowd;
        const std::size_t before = residentBytes();
        for (std::size_t i = 1; i <= 300; ++i) crowd.emplace_back(server).send(server, greedy);
        QVERIFY(server.runUntil([&] { return server.counters().bytesReceived == 300 * greedy.size(); }));
        const std::size_t each = (residentBytes() - before) / 300;
        qInfo("%zu bytes sent, %zu bytes for both ends", greedy.size(), each);
        QVERIFY2(each < kShadow * 64 * 1024, qPrintable(QString::number(each)));
        QCOMPARE(server.counters().connections, std::uint64_t(300));
    }
    void stoppingTellsPublishersAndClosesTheDoor() {
        ServerUnderTest server;
        Broadcaster broadcaster(server);
        server.listener->stop();
        QVERIFY(broadcaster.recording->end == EndReason::Closed);
        QCOMPARE(broadcaster.recording->endedBecause, std::string("the server is stopping"));
        QVERIFY(server.runUntil([&] { return broadcaster.readAll(); }));
        QVERIFY(broadcaster.hasReceived("the server restarts"));
        tcp::socket late(server.context);
        boost::system::error_code error;
        late.connect(server.address, error);
        QVERIFY(error);
        server.listener.reset();  // handlers that are still queued must not mind
        server.context.run_for(std::chrono::milliseconds(20));
        QVERIFY(broadcaster.recording->violations.empty());
    }
    void listensOnceAndOnlyOnWhatCanBeWatched() {
        ServerUnderTest server;
        QVERIFY(!server.listener->listen(test::loopbackSocket()));
        ingest::io::RtmpListener other(server.context, server.clock, server.publishPoint, log::Logger());
        QVERIFY(!other.listen(FileDescriptor()));
    }
    void noSocketOutlivesAnExec() {
        ServerUnderTest server;
        TestSocket socket(server);
        QVERIFY(server.runUntil([&] { return server.counters().accepted == 1; }));
        int checked = 0;
        for (int descriptor = 3; descriptor < 64; ++descriptor) {
            sockaddr_storage address{};
            socklen_t size = sizeof address;
            if (descriptor == socket.socket.native_handle()) continue;  // the test's own
            if (::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &size) != 0) continue;
            if (address.ss_family != AF_INET) continue;
            ++checked;
            QVERIFY(::fcntl(descriptor, F_GETFD) & FD_CLOEXEC);
        }
        QCOMPARE(checked, 2);  // listening, accepted
    }
};
LIVE_TEST(RtmpConnectionTest)

#include "rtmp_connection_test.moc"
