#include "tests/support/test_main.h"

#include "server/media/plan_codec.h"
#include "server/transcode/link/codec.h"
#include "tests/support/plans.h"

using namespace live;
using namespace live::transcode;

namespace {

Checkpoint exampleCheckpoint() {
    return {.slot = {891'406'812, 5},
            .hasInput = true,
            .inputAnchorNs = -17,
            .outputAnchorNs = 1'782'813'624'000'000'000,
            .driftPpb = -4200,
            .inputDelayMs = 230,
            .inputCaughtUpMs = 1500,
            .audioPhaseSamples = 512,
            .activeInput = 2};
}

Job exampleJob() {
    return {.plan = test::examplePlan(),
            .firstSlot = {891'406'812, 3},
            .inputDelay = Milliseconds(300),
            .wantsFiller = true,
            .checkpoint = exampleCheckpoint()};
}

OutputPacket exampleOutput() {
    return {.rendition = 2,
            .isKey = true,
            .isFiller = true,
            .frame = 41'784'694,
            .frameCount = 2,
            .encodedAt = BootTime(Nanoseconds(77)),
            .data = Buffer(Bytes{1, 2, 3})};
}

Heartbeat exampleHeartbeat() {
    Heartbeat heartbeat{.renditions = {{1, 2, 3, 4.5, 6}, {7, 8, 9, 0, 10}},
                        .decodedFrames = 5,
                        .repeatedFrames = 6,
                        .droppedFrames = 7,
                        .decodeErrors = 8,
                        .silentSamples = 9,
                        .driftPpb = -10,
                        .inputDelayMs = 11,
                        .inputWidth = 1920,
                        .inputHeight = 1080,
                        .inputRate = {30000, 1001},
                        .inputInterlaced = true};
    return heartbeat;
}

std::vector<Record> everyRecord() {
    Job plain = exampleJob();
    plain.checkpoint.reset();
    return {Hello{.pid = 4711, .build = "liveserverd 0.1.0"},
            exampleJob(),
            plain,
            ClockRecord{{BootTime(Nanoseconds(-5)), OutputTime(Nanoseconds(6)), -500'000}},
            InputTrack{{media::MediaKind::Audio, media::Codec::Aac, Buffer(Bytes{0x11, 0x90})}},
            InputPacket{{.kind = media::MediaKind::Video,
                         .isKey = true,
                         .pts = -40,
                         .dts = INT64_MIN,
                         .duration = 33,
                         .timescale = 90000,
                         .arrival = OutputTime(Nanoseconds(12)),
                         .data = Buffer(Bytes{9, 8, 7})}},
            InputLost{},
            Published{{891'406'813, 0}},
            Stop{891'406'900},
            OutputTrack{1, Buffer(Bytes{1, 0x64, 0, 0x1f})},
            exampleOutput(),
            exampleCheckpoint(),
            exampleHeartbeat(),
            Event{Event::Kind::InputBad, 1, "DTS went back by 40 ms"}};
}

// The one record in `bytes`; an error when there is none or more than one.
Result<Record> decodeOne(ByteView bytes) {
    RecordReader reader;
    LIVE_TRY(reader.append(bytes));
    std::optional<Record> record = LIVE_TRY(reader.next());
    if (!record) return fail(ErrorCode::NotFound, "incomplete");
    return *std::move(record);
}

// `whole` with its size prefix set to what the record is made to have.
Bytes resized(Bytes whole, std::size_t size) {
    whole.resize(size);
    ByteWriter prefix;
    prefix.u32(size - 4);
    std::ranges::copy(prefix.view(), whole.begin());
    return whole;
}

}  // namespace

class CodecTest : public QObject {
    Q_OBJECT
private slots:
    void everyRecordComesBackAsItWasSent() {
        for (const Record& record : everyRecord()) {
            const Bytes bytes = encode(record);
            const auto back = decodeOne(bytes);
            QVERIFY2(back.has_value(), back ? "" : back.error().message.c_str());
            QCOMPARE(back->index(), record.index());
            QVERIFY(encode(*back) == bytes);
        }
    }
    void theFieldsOfAJobComeBack() {
        const auto record = decodeOne(encode(exampleJob()));
        QVERIFY(record.has_value());
        const Job job = std::get<Job>(*record);
        QVERIFY(job.plan == test::examplePlan());
        QVERIFY(job.firstSlot == (media::SlotId{891'406'812, 3}));
        QVERIFY(job.inputDelay == Milliseconds(300));
        QVERIFY(job.wantsFiller && job.checkpoint && job.checkpoint->inputAnchorNs == -17);
        QCOMPARE(int(job.checkpoint->activeInput), 2);
        QCOMPARE(job.checkpoint->audioPhaseSamples, std::int64_t(512));
    }
    void theFieldsOfPacketsAndFiguresComeBack() {
        const auto output = std::get<OutputPacket>(*decodeOne(encode(exampleOutput())));
        QVERIFY(output.rendition == 2 && output.isKey && output.isFiller && output.frameCount == 2);
        QVERIFY(output.frame == 41'784'694 && output.encodedAt == BootTime(Nanoseconds(77)));
        QVERIFY(std::ranges::equal(output.data.view(), Bytes{1, 2, 3}));
        const auto heartbeat = std::get<Heartbeat>(*decodeOne(encode(exampleHeartbeat())));
        QCOMPARE(heartbeat.renditions.size(), std::size_t(2));
        QCOMPARE(heartbeat.renditions[0].encodeSpeed, 4.5);
        QVERIFY(heartbeat.renditions[1].queuedFrames == 10 && heartbeat.driftPpb == -10);
        QVERIFY(heartbeat.inputRate == (Rational{30000, 1001}) && heartbeat.inputInterlaced);
    }
    void recordsArriveInPiecesOfAnySize() {
        Bytes stream;
        for (const Record& record : everyRecord()) {
            const Bytes bytes = encode(record);
            stream.insert(stream.end(), bytes.begin(), bytes.end());
        }
        for (std::size_t piece : {1, 2, 3, 7, 64, 100'000}) {
            RecordReader reader;
            std::size_t count = 0;
            for (std::size_t at = 0; at < stream.size(); at += piece) {
                QVERIFY(reader.append(ByteView(stream).subspan(at, std::min(piece, stream.size() - at))));
                for (;;) {
                    const auto record = reader.next();
                    QVERIFY(record.has_value());
                    if (!*record) break;
                    ++count;
                }
            }
            QCOMPARE(count, everyRecord().size());
        }
    }
    void aRecordThatIsCutOrHasMoreThanItsFieldsIsRefused() {
        for (const Record& record : everyRecord()) {
            const Bytes whole = encode(record);
            for (std::size_t size = 5; size < whole.size(); ++size) {
                const auto cut = decodeOne(resized(whole, size));
                QVERIFY2(!cut && cut.error().code == ErrorCode::Protocol,
                         qPrintable(QString("type %1 cut to %2 bytes").arg(record.index()).arg(size)));
            }
            const auto longer = decodeOne(resized(whole, whole.size() + 1));
            QVERIFY(!longer && longer.error().code == ErrorCode::Protocol);
        }
    }
    void sizesAndTypesThatDoNotExistAreRefusedBeforeTheirBytesCome() {
        for (const Bytes& bytes : {Bytes{0, 0, 0, 0}, Bytes{1, 0, 0, 1}, Bytes{255, 255, 255, 255},
                                   Bytes{0, 0, 0, 1, 0}, Bytes{0, 0, 0, 1, 14}, Bytes{0, 0, 0, 1, 255}}) {
            const auto record = decodeOne(bytes);
            QVERIFY(!record && record.error().code == ErrorCode::Protocol);
        }
    }
    void valuesOutOfBoundsAreRefused() {
        Job otherPart = exampleJob();
        otherPart.firstSlot.part = 6;
        OutputPacket noRendition = exampleOutput(), noFrames = exampleOutput(), noData = exampleOutput();
        noRendition.rendition = 9;
        noFrames.frameCount = 0;
        noData.data = {};
        Heartbeat notANumber = exampleHeartbeat(), manyRungs = exampleHeartbeat();
        notANumber.renditions[0].encodeSpeed = std::numeric_limits<double>::quiet_NaN();
        manyRungs.renditions.resize(10);
        Checkpoint noInput = exampleCheckpoint();
        noInput.activeInput = 3;
        for (const Record& record : std::initializer_list<Record>{
                 otherPart, noRendition, noFrames, noData, notANumber, manyRungs, noInput, Published{{-1, 0}},
                 Published{{5, 50}}, Stop{std::int64_t{1} << 33}, ClockRecord{{{}, {}, 500'001}},
                 InputTrack{{media::MediaKind::Audio, media::Codec::H264, {}}},
                 InputTrack{{media::MediaKind::Video, media::Codec::H264, Buffer(Bytes(65537))}},
                 InputPacket{{.timescale = 0, .data = Buffer(Bytes{1})}}, Event{static_cast<Event::Kind>(8), 0, ""}}) {
            const auto back = decodeOne(encode(record));
            QVERIFY2(!back && back.error().code == ErrorCode::Protocol, qPrintable(QString::number(record.index())));
        }
    }
    void aTextThatIsTooLongIsCutBeforeItIsSent() {
        const auto event = decodeOne(encode(Event{Event::Kind::Failed, 0, std::string(5000, 'x')}));
        QVERIFY(event.has_value());
        QCOMPARE(std::get<Event>(*event).message.size(), std::size_t(1024));
    }
    void aPeerThatOnlyFillsTheBufferIsRefused() {
        RecordReader reader;
        const Bytes megabyte(1024 * 1024, 1);
        int accepted = 0;
        while (accepted < 100 && reader.append(megabyte)) ++accepted;
        QVERIFY(accepted <= 18);
    }
};
LIVE_TEST(CodecTest)

#include "codec_test.moc"
