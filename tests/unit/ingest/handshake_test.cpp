#include "tests/support/test_main.h"

#include "server/ingest/rtmp/handshake.h"
#include "tests/support/rtmp_client.h"

using namespace live;
using namespace live::ingest::rtmp;

class RtmpHandshakeTest : public QObject {
    Q_OBJECT
private slots:
    void theAnswerGoesOutAtOnceAndEchoesTheClient() {
        const Bytes bytes = test::handshakeBytes();
        Handshake handshake(7);
        ByteWriter output;
        ByteView first = ByteView(bytes).first(1537);
        QVERIFY(handshake.receive(first, output).has_value());
        QVERIFY(!handshake.isDone());
        const Bytes answer = output.take();
        QCOMPARE(answer.size(), std::size_t(1 + 1536 + 1536));
        QCOMPARE(answer[0], std::uint8_t(3));
        QVERIFY(std::equal(answer.begin() + 1537, answer.end(), bytes.begin() + 1));
    }
    void anySplitGivesTheSameAndLeavesWhatFollows() {
        Bytes bytes = test::handshakeBytes();
        bytes.push_back(0x42);
        std::mt19937 random(1);
        for (std::size_t most : {1, 2, 700, 5000}) {
            Handshake handshake(7);
            ByteWriter output;
            std::size_t left = 0;
            for (ByteView piece : test::randomPieces(bytes, random, most)) {
                QVERIFY(handshake.receive(piece, output).has_value());
                left += piece.size();
            }
            QVERIFY(handshake.isDone());
            QCOMPARE(left, std::size_t(1));
            QCOMPARE(output.size(), std::size_t(3073));
        }
    }
    void whatIsNotRtmpIsRefusedByItsFirstByte() {
        for (const char* text : {"GET / HTTP/1.1\r\n", "\x16\x03\x01", "\x06"}) {
            Handshake handshake(7);
            ByteWriter output;
            ByteView input = asBytes(text);
            const auto result = handshake.receive(input, output);
            QVERIFY(!result.has_value());
            QVERIFY(result.error().code == ErrorCode::Protocol);
            QCOMPARE(output.size(), std::size_t(0));
        }
    }
};
LIVE_TEST(RtmpHandshakeTest)

#include "handshake_test.moc"
