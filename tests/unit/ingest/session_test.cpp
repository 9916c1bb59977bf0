#include "tests/support/test_main.h"

#include "server/ingest/rtmp/limits.h"
#include "server/ingest/rtmp/session.h"
#include "tests/support/rtmp_client.h"
#include "tests/support/rtmp_media.h"

using namespace live;
using namespace live::ingest::rtmp;
using live::test::RtmpClient;
using Phase = Session::Phase;

namespace {

// A session and the encoder's view of it. Publishing is accepted at once unless told otherwise.
struct Peer {
    Session session{1};
    RtmpClient client;
    std::vector<Event> events;
    std::vector<Message> answers;
    Result<void> last;
    bool accepts = true;
    std::size_t mostAtOnce = SIZE_MAX;

    Peer& send() { return send(client.take()); }
    Peer& send(ByteView bytes) {
        static std::mt19937 random(5);
        for (ByteView piece : test::randomPieces(bytes, random, mostAtOnce)) {
            const std::size_t before = events.size();
            last = session.receive(piece, events);
            for (std::size_t i = before; i < events.size() && accepts; ++i)
                if (std::get_if<PublishRequested>(&events[i])) last = session.accept(events);
            read();
            if (!last) break;
        }
        return *this;
    }
    void read() {
        const Bytes bytes = session.takeOutput();
        ByteView rest(bytes);
        const std::size_t skipped = std::min(rest.size(), 3073 - m_handshake);
        m_handshake += skipped;
        rest = rest.subspan(skipped);
        while (auto message = *m_reader.next(rest)) answers.push_back(*message);
    }
    Peer& connected() {
        client.handshake().connect("live").createStream();
        return send();
    }
    Peer& published() {
        connected();
        client.publish("secret");
        return send();
    }
    template <class T>
    std::vector<T> all() const {
        std::vector<T> found;
        for (const Event& event : events)
            if (const T* value = std::get_if<T>(&event)) found.push_back(*value);
        return found;
    }
    // "name code" of all commands that were answered.
    QStringList commands() const {
        QStringList list;
        for (const Message& message : answers) {
            if (message.type != MessageType::CommandAmf0) continue;
            const auto values = *amf0::decode(message.payload.view());
            QString text = QString::fromStdString(*values[0].text());
            for (const auto& value : values)
                if (const auto* object = value.object())
                    if (const auto* code = object->find("code")) text += " " + QString::fromStdString(*code->text());
            list << text;
        }
        return list;
    }
    std::string description() const {
        const auto values = *amf0::decode(answers.back().payload.view());
        return *values.back().object()->find("description")->text();
    }

private:
    std::size_t m_handshake = 0;
    ChunkReader m_reader;
};

}  // namespace

class RtmpSessionTest : public QObject {
    Q_OBJECT
private slots:
    void aBroadcasterPublishesInAnySplit() {
        for (std::size_t most : {std::size_t(1), std::size_t(7), std::size_t(1000), SIZE_MAX}) {
            Peer peer;
            peer.mostAtOnce = most;
            peer.client.handshake().chunkSize(4096).connect("live", "rtmp://localhost/live");
            peer.client.command(0, {{std::string("releaseStream")}, {2.0}, {amf0::Null{}}, {std::string("secret")}});
            peer.client.command(0, {{std::string("FCPublish")}, {3.0}, {amf0::Null{}}, {std::string("secret")}});
            peer.client.createStream().publish("secret");
            peer.client.metadata({{"width", {1920.0}}, {"videocodecid", {7.0}}, {"audiocodecid", {10.0}}});
            peer.client.video(0, test::avcConfigurationBody()).audio(0, test::aacConfigurationBody());
            for (std::uint32_t i = 0; i < 10; ++i)
                peer.client.video(i * 40, test::avcFrameBody(i == 0, 0, 4, 5000)).audio(i * 40, test::aacFrameBody());
            peer.send();
            QVERIFY(peer.last.has_value());
            QVERIFY(peer.session.phase() == Phase::Publishing);
            const auto requests = peer.all<PublishRequested>();
            QCOMPARE(requests.size(), std::size_t(1));
            QCOMPARE(requests[0].key, std::string("secret"));
            QCOMPARE(requests[0].application, std::string("live"));
            QCOMPARE(requests[0].encoder, std::string("FMLE/3.0 (test)"));
            QCOMPARE(peer.commands(), QStringList({"_result NetConnection.Connect.Success", "_result", "_result",
                                                   "_result", "onStatus NetStream.Publish.Start"}));
            QCOMPARE(peer.all<media::Track>().size(), std::size_t(2));
            QCOMPARE(peer.all<media::PublishMetadata>().size(), std::size_t(1));
            QCOMPARE(peer.all<media::Packet>().size(), std::size_t(20));
        }
    }
    void connectIsAnsweredInOrderWithWindowBandwidthAndChunkSize() {
        Peer peer;
        peer.connected();
        std::vector<int> types;
        for (const Message& message : peer.answers) types.push_back(int(message.type));
        QVERIFY((types == std::vector<int>{5, 6, 1, 20, 20} || types == std::vector<int>{5, 6, 20, 20}));
    }
    void mediaWaitsForAdmission() {
        Peer peer;
        peer.accepts = false;
        peer.connected().client.publish("secret").video(0, test::avcConfigurationBody());
        peer.client.video(0, test::avcFrameBody(true));
        peer.send();
        QVERIFY(peer.session.phase() == Phase::AwaitingAdmission);
        QVERIFY(peer.all<media::Track>().empty());
        QCOMPARE(peer.commands().last(), QString("_result"));
        QVERIFY(peer.session.accept(peer.events).has_value());
        peer.read();
        QCOMPARE(peer.commands().last(), QString("onStatus NetStream.Publish.Start"));
        QCOMPARE(peer.all<media::Track>().size(), std::size_t(1));
        QCOMPARE(peer.all<media::Packet>().size(), std::size_t(1));
    }
    void refusalsHaveTheProtocolsStatusAndOurMessage_data() {
        QTest::addColumn<int>("reason");
        QTest::addColumn<QString>("code");
        using enum media::RefusalReason;
        QTest::newRow("unknown key") << int(UnknownKey) << "onStatus NetStream.Publish.BadName";
        QTest::newRow("shared key") << int(KeyShared) << "onStatus NetStream.Publish.BadName";
        QTest::newRow("disabled") << int(StreamDisabled) << "onStatus NetStream.Publish.Denied";
        QTest::newRow("held") << int(Held) << "onStatus NetStream.Publish.Denied";
    }
    void refusalsHaveTheProtocolsStatusAndOurMessage() {
        QFETCH(int, reason);
        QFETCH(QString, code);
        Peer peer;
        peer.accepts = false;
        peer.published();
        peer.session.refuse({media::RefusalReason(reason), "do this instead"});
        peer.read();
        QCOMPARE(peer.commands().last(), code);
        QCOMPARE(peer.description(), std::string("do this instead"));
        QCOMPARE(peer.answers.back().streamId, 1u);
        QVERIFY(peer.session.phase() == Phase::Closing);
        peer.client.video(0, test::avcConfigurationBody());
        peer.send();  // ignored
        QVERIFY(peer.last && peer.all<media::Track>().empty());
    }
    void otherApplicationsAreRefusedAtConnect() {
        Peer peer;
        peer.client.handshake().connect("vod", "rtmp://localhost/vod");
        peer.send();
        QCOMPARE(peer.commands(), QStringList({"_error NetConnection.Connect.InvalidApp"}));
        QCOMPARE(peer.description(),
                 std::string("this address takes no streams; push to rtmp://<host>/live/<stream key>"));
        QVERIFY(peer.session.phase() == Phase::Closing);
        QVERIFY(!peer.all<Refused>().at(0).reason);
    }
    void aKeyWhereTheApplicationBelongsIsNotSaidAgain_data() {
        QTest::addColumn<std::string>("application");
        for (const char* application : {"the-secret", "the-secret/x", "/vod/the-secret", "vod?key=the-secret"})
            QTest::newRow(application) << std::string(application);
    }
    void aKeyWhereTheApplicationBelongsIsNotSaidAgain() {
        QFETCH(std::string, application);
        Peer peer;
        peer.client.handshake().connect(application, "rtmp://localhost/" + application);
        peer.send();
        const std::string logged = peer.all<Refused>().at(0).message;
        QVERIFY2(logged.find("secret") == std::string::npos, logged.c_str());
        QCOMPARE(peer.description(), logged);
    }
    void aPublishWithoutKeyIsRefused() {
        Peer peer;
        peer.connected().client.publish("");
        peer.send();
        QCOMPARE(peer.commands().last(), QString("onStatus NetStream.Publish.BadName"));
        QVERIFY(peer.all<PublishRequested>().empty());
        QVERIFY(peer.all<Refused>().at(0).reason == media::RefusalReason::UnknownKey);
    }
    void mediaThatIsNotSupportedIsRefusedByName() {
        Peer peer;
        peer.published().client.video(0, {0x1C, 0, 0, 0, 0, 1, 1});
        peer.send();
        QVERIFY(peer.last.has_value());
        QCOMPARE(peer.commands().last(), QString("onStatus NetStream.Publish.Denied"));
        QVERIFY(peer.description().starts_with("HEVC (H.265) video is not supported"));
        QVERIFY(peer.all<Refused>().at(0).reason == media::RefusalReason::UnsupportedMedia);
        QVERIFY(peer.session.phase() == Phase::Closing);
    }
    void endingTheStreamIsToldOnceHoweverOftenItIsSaid() {
        Peer peer;
        peer.published();
        peer.client.command(0, {{std::string("FCUnpublish")}, {6.0}, {amf0::Null{}}, {std::string("secret")}});
        peer.client.command(0, {{std::string("deleteStream")}, {7.0}, {amf0::Null{}}, {1.0}});
        peer.send();
        QCOMPARE(peer.all<Unpublished>().size(), std::size_t(1));
        QCOMPARE(peer.commands().last(), QString("onStatus NetStream.Unpublish.Success"));
        QVERIFY(peer.session.phase() == Phase::Closing);
    }
    void closeTellsTheBroadcasterWhy() {
        Peer peer;
        peer.published();
        peer.session.close({media::RefusalReason::Stopped, "the broadcast was ended by an operator"});
        peer.session.close({media::RefusalReason::TakenOver, "not said any more"});
        peer.read();
        QCOMPARE(peer.commands().last(), QString("onStatus NetStream.Publish.Denied"));
        QCOMPARE(peer.description(), std::string("the broadcast was ended by an operator"));
    }
    void pingsArePongedAndWindowsAcknowledged() {
        Peer peer;
        peer.published();
        peer.client.message({MessageType::WindowAcknowledgementSize, 0, 0, 2, Buffer(Bytes{0, 2, 0, 0})});
        peer.client.message({MessageType::UserControl, 0, 0, 2, Buffer(Bytes{0, 6, 1, 2, 3, 4})});
        peer.send();
        QVERIFY(peer.answers.back().type == MessageType::UserControl);
        QVERIFY(std::ranges::equal(peer.answers.back().payload.view(), Bytes{0, 7, 1, 2, 3, 4}));
        peer.client.chunkSize(1'000'000).video(0, test::avcConfigurationBody());
        for (int i = 0; i < 10; ++i) peer.client.video(0, test::avcFrameBody(false, 0, 4, 50'000));
        peer.mostAtOnce = 20'000;
        peer.send();
        std::vector<std::uint32_t> acknowledged;
        for (const Message& message : peer.answers)
            if (message.type == MessageType::Acknowledgement)
                acknowledged.push_back(ByteReader(message.payload.view()).u32());
        QVERIFY2(acknowledged.size() >= 5 && acknowledged.size() <= 8,
                 qPrintable(QString::number(acknowledged.size())));
        QVERIFY(std::ranges::is_sorted(acknowledged) && acknowledged.back() > 400'000);
    }
    void callsThatAreNotKnownFailWhenTheyWantAnAnswer() {
        Peer peer;
        peer.connected();
        const int before = int(peer.commands().size());
        peer.client.command(0, {{std::string("getStreamLength")}, {8.0}, {amf0::Null{}}, {std::string("x")}});
        peer.client.command(0, {{std::string("_checkbw")}, {9.0}, {amf0::Null{}}});
        peer.client.command(0, {{std::string("onSomething")}, {0.0}, {amf0::Null{}}});
        peer.client.command(0, {{std::string("_result")}, {9.0}, {amf0::Null{}}});
        peer.client.command(1, {{std::string("play")}, {0.0}, {amf0::Null{}}, {std::string("x")}});
        peer.send();
        QCOMPARE(peer.commands().mid(before), QStringList({"_error NetConnection.Call.Failed", "_result",
                                                           "onStatus NetStream.Play.StreamNotFound"}));
        QVERIFY(peer.session.phase() == Phase::Negotiating);
    }
    void commandsInAmf3MessagesAreTaken() {
        Peer peer;
        peer.client.handshake();
        Bytes connect =
            test::amfBytes({{std::string("connect")}, {1.0}, test::amfObject({{"app", {std::string("live")}}})});
        connect.insert(connect.begin(), 0);
        peer.client.message({MessageType::CommandAmf3, 0, 0, 3, Buffer(connect)});
        peer.send();
        QCOMPARE(peer.commands(), QStringList({"_result NetConnection.Connect.Success"}));
    }
    void publishingTwiceOnOneConnectionKeepsTheFirst() {
        Peer peer;
        peer.published().client.publish("another");
        peer.send();
        QCOMPARE(peer.commands().last(), QString("onStatus NetStream.Publish.BadName"));
        QVERIFY(peer.session.phase() == Phase::Publishing);
        QCOMPARE(peer.all<PublishRequested>().size(), std::size_t(1));
    }
    void publishBeforeConnectFails() {
        Peer peer;
        peer.client.handshake().publish("secret");
        peer.send();
        QCOMPARE(peer.commands(), QStringList({"_error NetConnection.Call.Failed"}));
        QVERIFY(peer.all<PublishRequested>().empty());
    }
    void sixtyFourKilobytesBeforePublishAreTheLimit() {
        for (bool isHeld : {false, true}) {
            Peer peer;
            peer.accepts = false;
            peer.connected();
            if (isHeld) peer.client.publish("secret");
            peer.client.chunkSize(200'000).video(0, Bytes(70'000, 1));
            peer.mostAtOnce = 5000;
            peer.send();
            QVERIFY(!peer.last.has_value());
            QVERIFY(peer.last.error().code == ErrorCode::Protocol);
        }
        Peer peer;
        peer.published().client.video(0, Bytes(70'000, 0x27));
        QVERIFY(peer.send().last.has_value());
    }
    void messagesThatNoCommandNeedsAreRefusedBeforePublishByTheirLength() {
        const auto announced = [](std::uint32_t length) {
            ByteWriter header;
            return header.u8(6).u24(0).u24(length).u8(9).u32(1).zeros(128).take();
        };
        Peer peer;
        QVERIFY(peer.connected().send(announced(64 * 1024)).last.has_value());
        Peer refused;
        QVERIFY(!refused.connected().send(announced(64 * 1024 + 1)).last.has_value());
        QVERIFY(refused.last.error().code == ErrorCode::Protocol);
        Peer publishing;
        QVERIFY(publishing.published().send(announced(64 * 1024 + 1)).last.has_value());
    }
    void commandsThatAreTooLargeOrBrokenEndTheSession() {
        Peer large;
        large.published().client.command(0, {{std::string("x")}, {1.0}, {std::string(70'000, 'x')}});
        QVERIFY(!large.send().last.has_value());
        Peer broken;
        broken.connected().client.message({MessageType::CommandAmf0, 0, 0, 3, Buffer(Bytes{2, 0, 9, 'x'})});
        QVERIFY(!broken.send().last.has_value());
        Peer nameless;
        nameless.connected().client.command(0, {{1.0}});
        QVERIFY(!nameless.send().last.has_value());
    }
    void randomBytesNeverPassForASession() {
        std::mt19937 random(9);
        for (int round = 0; round < 200; ++round) {
            Bytes bytes(5000);
            for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random());
            if (round % 2) bytes[0] = 3;  // gets through the handshake
            Peer peer;
            peer.mostAtOnce = 600;
            peer.send(bytes);
            QVERIFY(peer.all<PublishRequested>().empty());
        }
    }
};
LIVE_TEST(RtmpSessionTest)

#include "session_test.moc"
