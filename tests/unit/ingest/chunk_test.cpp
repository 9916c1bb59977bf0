#include "tests/support/test_main.h"

#include "server/ingest/rtmp/chunk_reader.h"
#include "server/ingest/rtmp/chunk_writer.h"
#include "tests/support/rtmp_client.h"

using namespace live;
using namespace live::ingest::rtmp;

namespace {

Bytes pattern(std::size_t size, int seed = 1) {
    Bytes bytes(size);
    for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(i * 31 + std::size_t(seed) * 17);
    return bytes;
}

// All messages of `bytes`, fed in random pieces; nothing after an error.
struct Read {
    std::vector<Message> messages;
    bool failed = false;
    std::size_t partialBytes = 0;
};
Read readAll(ByteView bytes, std::size_t mostAtOnce = SIZE_MAX) {
    static std::mt19937 random(3);
    ChunkReader reader;
    Read result;
    for (ByteView piece : test::randomPieces(bytes, random, mostAtOnce)) {
        for (;;) {
            auto next = reader.next(piece);
            if (!next) {
                result.failed = true;
                return result;
            }
            if (!*next) break;
            result.messages.push_back(**next);
        }
        if (!piece.empty()) qFatal("input left over");
    }
    result.partialBytes = reader.partialBytes();
    return result;
}

// Chunk headers by hand, of any format.
struct Chunks {
    ByteWriter out;
    Chunks& full(int csid, std::uint32_t time, std::size_t length, int type = 9, std::uint32_t streamId = 1) {
        out.u8(csid).u24(std::min(time, 0xFFFFFFu)).u24(length).u8(type).u8(streamId).u24(0);
        if (time >= 0xFFFFFF) out.u32(time);
        return *this;
    }
    Chunks& delta(int csid, std::uint32_t time, std::size_t length, int type = 9) {
        out.u8(0x40 | csid).u24(time).u24(length).u8(type);
        return *this;
    }
    Chunks& shortDelta(int csid, std::uint32_t time) {
        out.u8(0x80 | csid).u24(time);
        return *this;
    }
    Chunks& repeat(int csid) {
        out.u8(0xC0 | csid);
        return *this;
    }
    Chunks& data(ByteView bytes) {
        out.bytes(bytes);
        return *this;
    }
};

}  // namespace

class RtmpChunkTest : public QObject {
    Q_OBJECT
private slots:
    void whatTheWriterWritesTheReaderReadsInAnySplit() {
        ByteWriter output;
        ChunkWriter writer;
        std::vector<Message> sent;
        for (std::uint32_t csid : {2u, 63u, 64u, 319u, 320u, 65'599u})
            for (std::size_t size : {0u, 1u, 127u, 128u, 129u, 1000u})
                for (std::uint32_t time : {0u, 0xFFFFFEu, 0xFFFFFFu, 0xFFFFFFF0u})
                    sent.push_back({MessageType::Video, time, 1, csid, Buffer(pattern(size, int(csid)))});
        for (const Message& message : sent) writer.write(message, output);
        for (std::size_t most : {std::size_t(1), std::size_t(3), std::size_t(200), SIZE_MAX}) {
            const Read read = readAll(output.view(), most);
            QVERIFY(!read.failed);
            QCOMPARE(read.messages.size(), sent.size());
            for (std::size_t i = 0; i < sent.size(); ++i) {
                QCOMPARE(read.messages[i].timestamp, sent[i].timestamp);
                QCOMPARE(read.messages[i].streamId, 1u);
                QCOMPARE(read.messages[i].chunkStream, sent[i].chunkStream);
                QVERIFY(std::ranges::equal(read.messages[i].payload.view(), sent[i].payload.view()));
            }
        }
    }
    void deltasAddUpAndAreReused() {
        Chunks chunks;
        const Bytes x(1, 'x');
        chunks.full(4, 1000, 1).data(x).repeat(4).data(x);   // after type 0: delta 0
        chunks.delta(4, 23, 1).data(x).repeat(4).data(x);    // 1023, 1046
        chunks.shortDelta(4, 40).data(x).repeat(4).data(x);  // 1086, 1126
        const Read read = readAll(chunks.out.view(), 2);
        std::vector<std::uint32_t> times;
        for (const Message& message : read.messages) times.push_back(message.timestamp);
        QVERIFY((times == std::vector<std::uint32_t>{1000, 1000, 1023, 1046, 1086, 1126}));
    }
    void messagesOfSeveralChunkStreamsInterleave() {
        const Bytes video = pattern(300, 1), audio = pattern(130, 2);
        Chunks chunks;
        chunks.full(6, 0, 300).data(ByteView(video).first(128));
        chunks.full(4, 5, 130, 8).data(ByteView(audio).first(128));
        chunks.repeat(6).data(ByteView(video).subspan(128, 128));
        chunks.repeat(4).data(ByteView(audio).subspan(128));
        chunks.repeat(6).data(ByteView(video).subspan(256));
        for (std::size_t most : {1u, 10u, 1000u}) {
            const Read read = readAll(chunks.out.view(), most);
            QCOMPARE(read.messages.size(), std::size_t(2));
            QVERIFY(std::ranges::equal(read.messages[0].payload.view(), audio));
            QVERIFY(std::ranges::equal(read.messages[1].payload.view(), video));
            QCOMPARE(read.partialBytes, std::size_t(0));
        }
    }
    void theChunkSizeChangesInTheMiddleOfAMessage() {
        const Bytes video = pattern(400);
        Chunks chunks;
        chunks.full(6, 0, 400).data(ByteView(video).first(128));
        chunks.full(2, 0, 4, 1, 0).data(Bytes{0, 0, 1, 0});  // 256 from the next chunk on
        chunks.repeat(6).data(ByteView(video).subspan(128, 256));
        chunks.repeat(6).data(ByteView(video).subspan(384));
        for (std::size_t most : {1u, 1000u}) {
            const Read read = readAll(chunks.out.view(), most);
            QCOMPARE(read.messages.size(), std::size_t(1));
            QVERIFY(std::ranges::equal(read.messages[0].payload.view(), video));
        }
    }
    void extendedTimestampsMayBeRepeatedOrLeftOut_data() {
        QTest::addColumn<bool>("isRepeated");
        QTest::addColumn<int>("size");
        for (bool isRepeated : {true, false})
            for (int size : {129, 130, 131, 132, 133, 300})
                QTest::addRow("%s, %d bytes", isRepeated ? "repeated" : "left out", size) << isRepeated << size;
    }
    void extendedTimestampsMayBeRepeatedOrLeftOut() {
        QFETCH(bool, isRepeated);
        QFETCH(int, size);
        const std::uint32_t time = 0xFFFFF000;
        Bytes video = pattern(std::size_t(size));
        // The first bytes of the second chunk are those of the timestamp, as far as it can be without being it.
        video[128] = 0xFF;
        if (size > 129) video[129] = 0xFF;
        if (size > 130) video[130] = 0xF0;
        if (size > 131) video[131] = 0x01;
        Chunks chunks;
        for (int i = 0; i < 2; ++i) {
            chunks.full(6, time, video.size()).data(ByteView(video).first(128));
            for (std::size_t at = 128; at < video.size(); at += 128) {
                chunks.repeat(6);
                if (isRepeated) chunks.out.u32(time);
                chunks.data(ByteView(video).subspan(at, std::min<std::size_t>(128, video.size() - at)));
            }
        }
        chunks.full(4, 0, 1).data(Bytes{1});  // what tells a message that ends like a timestamp from a timestamp
        for (std::size_t most : {1u, 2u, 3u, 1000u}) {
            Read read = readAll(chunks.out.view(), most);
            QVERIFY(!read.failed);
            QCOMPARE(read.messages.size(), std::size_t(3));
            read.messages.pop_back();
            for (const Message& message : read.messages) {
                QCOMPARE(message.timestamp, time);
                QVERIFY(std::ranges::equal(message.payload.view(), video));
            }
        }
    }
    void anAbortedMessageIsForgotten() {
        const Bytes video = pattern(200);
        Chunks chunks;
        chunks.full(6, 0, 300).data(ByteView(video).first(128));
        chunks.full(2, 0, 4, 2, 0).data(Bytes{0, 0, 0, 6});
        chunks.full(6, 7, 5).data(ByteView(video).first(5));
        const Read read = readAll(chunks.out.view(), 10);
        QCOMPARE(read.messages.size(), std::size_t(1));
        QCOMPARE(read.messages[0].payload.size(), std::size_t(5));
        QCOMPARE(read.partialBytes, std::size_t(0));
    }
    void aNewHeaderInTheMiddleOfAMessageGivesTheOldOneUp() {
        const Bytes video = pattern(200);
        Chunks chunks;
        chunks.full(6, 0, 300).data(ByteView(video).first(128)).full(6, 7, 5).data(ByteView(video).first(5));
        const Read read = readAll(chunks.out.view(), 10);
        QCOMPARE(read.messages.size(), std::size_t(1));
        QCOMPARE(read.messages[0].timestamp, 7u);
    }
    void librtmpMayStartItsControlMessagesWithType1() {
        Chunks chunks;
        chunks.delta(2, 0, 4, 3).data(Bytes{0, 0, 0, 1});
        QCOMPARE(readAll(chunks.out.view()).messages.size(), std::size_t(1));
    }
    void chunkStreamsThatWereNeverStartedAreRefused() {
        QVERIFY(readAll(Chunks().delta(5, 0, 1).out.view()).failed);
        QVERIFY(readAll(Chunks().shortDelta(5, 0).out.view()).failed);
        QVERIFY(readAll(Chunks().repeat(5).out.view()).failed);
    }
    void chunkSizesThatCannotBeAreRefused() {
        for (std::uint32_t size : {0u, 0x80000000u, 0xFFFFFFFFu}) {
            Chunks chunks;
            chunks.full(2, 0, 4, 1, 0);
            chunks.out.u32(size);
            QVERIFY(readAll(chunks.out.view()).failed);
        }
        Chunks chunks;
        chunks.full(2, 0, 4, 1, 0);
        chunks.out.u32(0x7FFFFFFF);
        QVERIFY(!readAll(chunks.out.view()).failed);
        QVERIFY(readAll(Chunks().full(2, 0, 2, 1, 0).data(Bytes{0, 1}).out.view()).failed);
    }
    void limitsOnMessagesPartsAndStreamsHold() {
        QVERIFY(!readAll(Chunks().full(6, 0, 8 * 1024 * 1024).out.view()).failed);
        QVERIFY(readAll(Chunks().full(6, 0, 8 * 1024 * 1024 + 1).out.view()).failed);
        QVERIFY(readAll(Chunks().full(6, 0, 0xFFFFFF).out.view()).failed);

        Chunks streams;
        for (int csid = 64; csid < 64 + 64; ++csid)
            streams.out.u8(0).u8(csid - 64).u24(0).u24(1000).u8(9).u32(0).zeros(128);
        QVERIFY(!readAll(streams.out.view()).failed);
        streams.out.u8(0).u8(64).u24(0).u24(1000).u8(9).u32(0);
        QVERIFY(readAll(streams.out.view()).failed);

        Chunks parts;  // three messages of 8 MiB, each but its last byte: 16 MiB are exceeded
        parts.full(2, 0, 4, 1, 0).data(Bytes{0, 0x7F, 0xFF, 0xFF});
        for (int csid = 4; csid < 7; ++csid) parts.full(csid, 0, 8 * 1024 * 1024).data(Bytes(0x7FFFFF, 1));
        QVERIFY(readAll(parts.out.view()).failed);
    }
    void aMessageCostsWhatHasComeOfItNotWhatItAnnounces() {
        Chunks chunks;
        for (int csid = 64; csid < 64 + 64; ++csid)
            chunks.out.u8(0).u8(csid - 64).u24(0).u24(7'000'000).u8(9).u32(0).zeros(128);
        ChunkReader reader;
        ByteView input(chunks.out.view());
        QVERIFY(reader.next(input).has_value());
        QVERIFY2(reader.partialBytes() <= 64 * 128, qPrintable(QString::number(reader.partialBytes())));
    }
    void longMessagesTakeNoMoreThanTheirLength() {
        ByteWriter output;
        ChunkWriter().write({MessageType::Video, 0, 1, 6, Buffer(pattern(700'000))}, output);
        const Read read = readAll(output.view(), 50'000);
        QCOMPARE(read.messages.size(), std::size_t(1));
        QCOMPARE(read.messages[0].payload.size(), std::size_t(700'000));
    }
};
LIVE_TEST(RtmpChunkTest)

#include "chunk_test.moc"
