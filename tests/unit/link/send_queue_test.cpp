#include "tests/support/test_main.h"

#include "server/transcode/link/codec.h"
#include "server/transcode/link/send_queue.h"

using namespace live;
using namespace live::transcode;
using media::MediaKind;

namespace {

InputPacket inputPacket(MediaKind kind, bool isKey, std::int64_t pts, std::size_t size) {
    return {{.kind = kind, .isKey = isKey, .pts = pts, .data = Buffer(Bytes(size, 1))}};
}

// "0 2 published 5": the times of the packets that come out.
QString taken(SendQueue& queue) {
    QStringList all;
    RecordReader reader;
    while (!queue.empty())
        if (!reader.append(queue.take(1000))) return "too much";
    while (auto record = *reader.next()) {
        if (const auto* input = std::get_if<InputPacket>(&*record))
            all += QString::number(input->packet.pts);
        else
            all += std::holds_alternative<Published>(*record) ? "published" : "?";
    }
    return all.join(' ');
}

}  // namespace

class SendQueueTest : public QObject {
    Q_OBJECT
private slots:
    void recordsComeOutInOrder() {
        SendQueue queue(100'000);
        for (int pts = 0; pts < 5; ++pts) queue.push(inputPacket(MediaKind::Video, pts == 0, pts, 700));
        queue.push(Published{{5, 0}});
        QCOMPARE(taken(queue), QString("0 1 2 3 4 published"));
        QCOMPARE(queue.queuedBytes(), std::size_t(0));
        QCOMPARE(queue.droppedPackets(), std::uint64_t(0));
    }
    void takingStopsAtTheTarget() {
        SendQueue queue(100'000);
        for (int pts = 0; pts < 5; ++pts) queue.push(inputPacket(MediaKind::Video, true, pts, 700));
        const std::size_t size = queue.take(1000).size();
        QVERIFY(size > 1400 && size < 1600);
        QVERIFY(!queue.empty());
    }
    void overTheBoundVideoIsDroppedUpToTheNextKeyFrameThatFits() {
        SendQueue queue(3000);
        queue.push(inputPacket(MediaKind::Video, true, 0, 1000));
        queue.push(inputPacket(MediaKind::Video, false, 1, 1000));
        queue.push(inputPacket(MediaKind::Video, false, 2, 1000));  // does not fit
        queue.push(inputPacket(MediaKind::Video, false, 3, 10));    // would, but its reference is gone
        queue.push(inputPacket(MediaKind::Audio, true, 4, 10));
        queue.push(inputPacket(MediaKind::Video, true, 5, 2000));  // a key frame that does not fit either
        QCOMPARE(queue.droppedPackets(), std::uint64_t(3));
        QCOMPARE(taken(queue), QString("0 1 4"));
        queue.push(inputPacket(MediaKind::Video, false, 6, 10));
        queue.push(inputPacket(MediaKind::Video, true, 7, 10));
        queue.push(inputPacket(MediaKind::Video, false, 8, 10));
        QCOMPARE(taken(queue), QString("7 8"));
        QCOMPARE(queue.droppedPackets(), std::uint64_t(4));
    }
    void whatIsNotInputIsNeverDropped() {
        SendQueue queue(100);
        for (int i = 0; i < 20; ++i) queue.push(Published{{i, 0}});
        QCOMPARE(queue.droppedPackets(), std::uint64_t(0));
        QCOMPARE(taken(queue).count("published"), 20);
    }
    void aPacketThatNoRecordCanHoldIsDropped() {
        SendQueue queue(SIZE_MAX);
        queue.push(inputPacket(MediaKind::Video, true, 0, kMaxRecordBytes));
        QCOMPARE(queue.droppedPackets(), std::uint64_t(1));
        queue.push(inputPacket(MediaKind::Video, true, 1, kMaxRecordBytes - 64));
        QCOMPARE(taken(queue), QString("1"));
    }
};
LIVE_TEST(SendQueueTest)

#include "send_queue_test.moc"
