#include "tests/support/test_main.h"

#include "server/ingest/io/write_queue.h"

using namespace live;
using live::ingest::io::WriteQueue;

class WriteQueueTest : public QObject {
    Q_OBJECT
private slots:
    void whatWasPushedComesOutInOrder() {
        WriteQueue queue;
        queue.push(Bytes{1, 2, 3});
        queue.taken(1);
        queue.push(Bytes{4});
        QVERIFY(std::ranges::equal(queue.unsent(), Bytes{2, 3, 4}));
        queue.taken(3);
        QVERIFY(queue.empty());
        QCOMPARE(queue.memory(), std::size_t(0));
    }
    void aQueueThatNeverRunsEmptyDoesNotGrow() {
        WriteQueue queue;
        queue.push(Bytes(100'000));
        for (int i = 0; i < 200; ++i) {
            queue.push(Bytes(50'000));
            queue.taken(50'000);
            QCOMPARE(queue.size(), std::size_t(100'000));
        }
        QVERIFY2(queue.memory() <= 300'000, qPrintable(QString::number(queue.memory())));
    }
};
LIVE_TEST(WriteQueueTest)

#include "write_queue_test.moc"
