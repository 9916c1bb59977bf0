#include "tests/support/test_main.h"

#include "common/model/limits.h"
#include "server/ingest/rtmp/flv.h"
#include "server/ingest/rtmp/media_input.h"
#include "server/ingest/rtmp/metadata.h"
#include "server/media/h264.h"
#include "tests/support/rtmp_client.h"
#include "tests/support/rtmp_media.h"

using namespace live;
using namespace live::ingest::rtmp;
using live::test::amfBytes;

namespace {

struct Input {
    MediaInput media;
    std::vector<Event> events;
    Result<void> last;

    Input& video(std::uint32_t time, Bytes body) { return take(MessageType::Video, time, std::move(body)); }
    Input& audio(std::uint32_t time, Bytes body) { return take(MessageType::Audio, time, std::move(body)); }
    Input& take(MessageType type, std::uint32_t time, Bytes body) {
        last = media.receive({type, time, 1, 4, Buffer(std::move(body))}, events);
        return *this;
    }
    Input& configured(int lengthSize = 4) {
        video(0, test::avcConfigurationBody(lengthSize)).audio(0, test::aacConfigurationBody());
        events.clear();
        return *this;
    }
    template <class T>
    std::vector<T> all() const {
        std::vector<T> found;
        for (const Event& event : events)
            if (const T* value = std::get_if<T>(&event)) found.push_back(*value);
        return found;
    }
};

std::string refusal(MessageType type, Bytes body) {
    Input input;
    input.configured().take(type, 0, std::move(body));
    return input.last || input.last.error().code != ErrorCode::Unsupported ? "" : input.last.error().message;
}

}  // namespace

class MediaInputTest : public QObject {
    Q_OBJECT
private slots:
    void tracksComeBeforeTheirPackets() {
        Input input;
        input.video(0, test::avcFrameBody(true)).audio(0, test::aacFrameBody());
        QVERIFY(input.events.empty());
        QCOMPARE(input.media.counters().earlyFrames, std::uint64_t(2));
        input.video(0, test::avcConfigurationBody()).audio(0, test::aacConfigurationBody());
        const auto tracks = input.all<media::Track>();
        QCOMPARE(tracks.size(), std::size_t(2));
        QVERIFY(std::ranges::equal(tracks[0].configuration.view(), test::avcRecord()));
        QVERIFY(std::ranges::equal(tracks[1].configuration.view(), Bytes{0x11, 0x90}));
        input.video(40, test::avcFrameBody(true)).audio(40, test::aacFrameBody());
        QCOMPARE(input.all<media::Packet>().size(), std::size_t(2));
    }
    void aConfigurationIsToldAgainOnlyWhenItChanges() {
        Input input;
        input.configured().video(0, test::avcConfigurationBody()).audio(0, test::aacConfigurationBody());
        QVERIFY(input.events.empty());
        input.video(80, test::avcConfigurationBody(4, true));
        QCOMPARE(input.all<media::Track>().size(), std::size_t(1));
    }
    void nalLengthsBecomeFourBytes() {
        for (int size : {1, 2, 3, 4}) {
            Input input;
            input.video(0, test::avcConfigurationBody(size)).video(0, test::avcFrameBody(true, 0, size));
            const auto packets = input.all<media::Packet>();
            QCOMPARE(packets.size(), std::size_t(1));
            QVERIFY(media::h264::containsIdr(packets[0].data.view()));
            QCOMPARE(packets[0].data.size(), std::size_t(104));
            const auto record = media::h264::parseConfiguration(input.all<media::Track>()[0].configuration.view());
            QCOMPARE(record->nalLengthSize, std::uint8_t(4));
        }
    }
    void aKeyFrameIsWhatHoldsAnIdrWhateverTheTagSays() {
        Input input;
        Bytes liar = test::avcFrameBody(false);
        liar[0] = 0x17;
        input.configured().video(0, liar).video(40, test::avcFrameBody(true)).audio(0, test::aacFrameBody());
        const auto packets = input.all<media::Packet>();
        QVERIFY(!packets[0].isKey && packets[1].isKey && packets[2].isKey);
    }
    void compositionTimesMayBeNegative() {
        Input input;
        input.configured().video(100, test::avcFrameBody(true, 80)).video(140, test::avcFrameBody(false, -40));
        const auto packets = input.all<media::Packet>();
        QCOMPARE(packets[0].dts, std::int64_t(100));
        QCOMPARE(packets[0].pts, std::int64_t(180));
        QCOMPARE(packets[1].dts, std::int64_t(140));
        QCOMPARE(packets[1].pts, std::int64_t(100));
        QCOMPARE(packets[1].timescale, 1000u);
    }
    void timestampsGoOnThroughTheWrap() {
        Input input;
        input.configured();  // configurations come at 0, which must not count
        for (std::uint32_t time : {0xFFFFF000u, 0xFFFFFFF0u}) input.video(time, test::avcFrameBody(true));
        input.audio(0xFFFFFFF8u, test::aacFrameBody());
        input.video(0x00000010u, test::avcFrameBody(false));
        input.audio(0xFFFFFFFCu, test::aacFrameBody());
        std::vector<std::int64_t> times;
        for (const auto& packet : input.all<media::Packet>()) times.push_back(packet.dts);
        QVERIFY((times == std::vector<std::int64_t>{0xFFFFF000, 0xFFFFFFF0, 0xFFFFFFF8, 0x100000010, 0xFFFFFFFC}));
    }
    void timesThatGoBackOrJumpAreHandedOn() {
        Input input;
        input.configured();
        for (std::uint32_t time : {1000u, 500u, 2'000'000'000u, 0u}) input.video(time, test::avcFrameBody(true));
        std::vector<std::int64_t> times;
        for (const auto& packet : input.all<media::Packet>()) times.push_back(packet.dts);
        QVERIFY((times == std::vector<std::int64_t>{1000, 500, 2'000'000'000, 0}));
    }
    void jumpsForwardsWithoutEndStayTimesThatFitNanoseconds() {
        Input input;
        input.configured();
        std::uint32_t time = 0;
        for (int i = 0; i < 10'000; ++i) {
            if (i % 1000 == 0) input.media.startSecond();
            input.audio(time += 0x7FFFFFFF, test::aacFrameBody());
        }
        const auto packets = input.all<media::Packet>();
        QCOMPARE(packets.size(), std::size_t(10'000));
        for (const auto& packet : packets) {
            QVERIFY(std::abs(packet.dts) < INT64_MAX / 1'000'000 / 4);
            QVERIFY(static_cast<std::uint32_t>(packet.dts) == static_cast<std::uint32_t>(packet.pts));
        }
        QCOMPARE(static_cast<std::uint32_t>(packets.back().dts), time);
    }
    void damagedFramesAreDroppedAndCounted() {
        Input input;
        Bytes tooLong = test::avcFrameBody(true);
        tooLong[5] = 0x7F;
        input.configured().video(0, tooLong).video(40, Bytes{0x27, 1, 0, 0, 0, 0, 0, 0, 0});
        QVERIFY(input.events.empty() && input.last);
        QCOMPARE(input.media.counters().damagedFrames, std::uint64_t(2));
    }
    void emptyAndCommandMessagesAreIgnored() {
        Input input;
        input.configured().audio(0, {}).audio(0, {0xAF}).audio(0, {0xAF, 1}).video(0, {}).video(0, {0x17});
        input.video(0, {0x57, 0}).video(0, {0x17, 2, 0, 0, 0}).video(0, {0x17, 1, 0, 0, 0});
        QVERIFY(input.events.empty() && input.last);
    }
    void otherCodecsAreRefusedByNameWithWhatToDo() {
        const auto video = [](Bytes body) { return refusal(MessageType::Video, std::move(body)); };
        const auto audio = [](Bytes body) { return refusal(MessageType::Audio, std::move(body)); };
        const auto enhanced = [](std::uint8_t first, const char* code) {
            ByteWriter body;
            return body.u8(first).text(code).zeros(10).take();
        };
        QCOMPARE(video({0x1C, 0, 0, 0, 0, 1}),
                 std::string("HEVC (H.265) video is not supported; set the encoder's video codec to H.264"));
        QVERIFY(video(enhanced(0x90, "hvc1")).starts_with("HEVC (H.265) video"));
        QVERIFY(video(enhanced(0x90, "av01")).starts_with("AV1 video"));
        QVERIFY(video(enhanced(0x90, "????")).starts_with("this video"));
        QVERIFY(video({0x90}).starts_with("this video"));
        QVERIFY(video(enhanced(0x90, "avc1")).ends_with("switch Enhanced RTMP off in the encoder"));
        QVERIFY(video({0x14, 0, 0}).starts_with("VP6 video"));
        QVERIFY(video({0x1F, 0, 0}).starts_with("codec 15 video"));
        QCOMPARE(audio({0x2F, 0xFF, 0xFB}),
                 std::string("MP3 audio is not supported; set the encoder's audio codec to AAC"));
        QVERIFY(audio({0xB2, 0}).starts_with("Speex audio"));
        QVERIFY(audio(enhanced(0x90, "Opus")).starts_with("Opus audio"));
        QVERIFY(audio({0xAF, 0, 0xF8, 0xE6, 0x40, 0x00}).find("object type 39") != std::string::npos);
    }
    void aConfigurationThatCannotBeReadIsRefusedWithWhatToDo() {
        QCOMPARE(refusal(MessageType::Video, {0x17, 0, 0, 0, 0, 1, 2, 3}),
                 std::string("the H.264 configuration record is cut short; restart the encoder or choose another H.264 "
                             "encoder in its settings"));
        Bytes noParameters = test::avcConfigurationBody();
        noParameters[5 + 12] = 0xFF;  // within the SPS
        noParameters.resize(5 + 6);
        QVERIFY(refusal(MessageType::Video, noParameters).contains("another H.264 encoder"));
        QVERIFY(refusal(MessageType::Audio, {0xAF, 0, 0x16, 0x90}).contains("another AAC encoder"));
    }
    void aConfigurationThatTheWorkerWouldNotTakeIsRefusedToo() {
        Bytes sound = test::aacConfigurationBody();
        sound.resize(2 + kMaxConfigurationBytes);
        QCOMPARE(refusal(MessageType::Audio, sound), std::string());
        sound.push_back(0);
        QVERIFY(refusal(MessageType::Audio, sound).starts_with("the decoder configuration has 65537 bytes"));
        Bytes picture = test::avcConfigurationBody();
        picture.resize(5 + kMaxConfigurationBytes + 1);
        QVERIFY(refusal(MessageType::Video, picture).starts_with("the decoder configuration has 65537 bytes"));
    }
    void aggregatesAreTakenApartAndRebased() {
        ByteWriter aggregate;
        const auto add = [&](int type, std::uint32_t time, const Bytes& body) {
            aggregate.u8(type).u24(body.size()).u24(time & 0xFFFFFF).u8(time >> 24).u24(0).bytes(body);
            aggregate.u32(body.size() + 11);
        };
        add(9, 5000, test::avcFrameBody(true));
        add(8, 5010, test::aacFrameBody());
        add(22, 5020, {1, 2, 3});  // nested: ignored
        Input input;
        const Bytes whole = aggregate.take();
        input.configured().take(MessageType::Aggregate, 90'000, whole);
        const auto packets = input.all<media::Packet>();
        QCOMPARE(packets.size(), std::size_t(2));
        QCOMPARE(packets[0].dts, std::int64_t(90'000));
        QCOMPARE(packets[1].dts, std::int64_t(90'010));
        input.take(MessageType::Aggregate, 0, Bytes(whole.begin(), whole.begin() + 50));
        QVERIFY(!input.last);
    }
    void fourThousandMessagesASecondAreTheLimit() {
        Input input;
        input.configured();
        input.media.startSecond();
        for (int i = 0; i < 4000; ++i) QVERIFY(input.audio(0, test::aacFrameBody()).last);
        QVERIFY(!input.audio(0, test::aacFrameBody()).last);
        QVERIFY(input.last.error().code == ErrorCode::Protocol);
        QCOMPARE(input.last.error().message,
                 std::string("more than 4000 audio and video messages came in a second; send in real time"));
        input.media.startSecond();
        QVERIFY(input.audio(0, test::aacFrameBody()).last);
    }
    void messagesInsideAnAggregateCount() {
        ByteWriter aggregate;
        for (int i = 0; i < 4000; ++i) aggregate.u8(8).u24(3).u32(0).u24(0).bytes(Bytes{0xAF, 1, 0x21}).u32(14);
        Input input;
        input.configured();
        input.media.startSecond();
        QVERIFY(!input.take(MessageType::Aggregate, 0, aggregate.take()).last);
        QVERIFY(input.last.error().code == ErrorCode::Protocol);
        QCOMPARE(input.all<media::Packet>().size(), std::size_t(3999));
    }
    void aFrameOutOfAnAggregateDoesNotKeepTheRestOfIt() {
        ByteWriter aggregate;
        aggregate.u8(8).u24(3).u32(0).u24(0).bytes(Bytes{0xAF, 1, 0x21}).u32(14);
        const Buffer whole(aggregate.take());
        MediaInput input;
        std::vector<Event> events;
        QVERIFY(input.receive({MessageType::Audio, 0, 1, 4, Buffer(test::aacConfigurationBody())}, events));
        QVERIFY(input.receive({MessageType::Aggregate, 0, 1, 4, whole}, events));
        const auto* packet = std::get_if<media::Packet>(&events.back());
        QVERIFY(packet && packet->data.size() == 1);
        QVERIFY(packet->data.data() < whole.data() || packet->data.data() >= whole.data() + whole.size());
    }
    void metadataGivesWhatMakesSense() {
        const auto metadata = parseMetadata(amfBytes(
            {{std::string("@setDataFrame")},
             {std::string("onMetaData")},
             {amf0::Object{{{"width", {1280.0}}, {"height", {-1.0}}, {"framerate", {29.97}}, {"videocodecid", {7.0}}},
                           true}}}));
        QVERIFY(metadata.has_value());
        QVERIFY(metadata->width == 1280u);
        QVERIFY(!metadata->height);
        QVERIFY(metadata->frameRate == 29.97);
        QVERIFY(metadata->hasVideo == true);
        QVERIFY(metadata->hasAudio == false);
        const auto nonsense = parseMetadata(amfBytes(
            {{std::string("onMetaData")},
             {amf0::Object{{{"width", {std::nan("")}}, {"height", {1e9}}, {"framerate", {std::string("fast")}}},
                           false}}}));
        QVERIFY(nonsense && !nonsense->width && !nonsense->height && !nonsense->frameRate && !nonsense->hasVideo);
        QVERIFY(!parseMetadata(amfBytes({{std::string("onTextData")}, {amf0::Object{}}})));
        QVERIFY(!parseMetadata(amfBytes({{std::string("onMetaData")}})));
        QVERIFY(!parseMetadata(Bytes{2, 0, 9, 'x'}));
        QVERIFY(!parseMetadata(Bytes{}));
    }
};
LIVE_TEST(MediaInputTest)

#include "media_input_test.moc"
