#include "tests/support/test_main.h"

#include <atomic>
#include <future>
#include <memory>
#include <optional>
#include <vector>

#include "server/catalog/call_queue.h"

using namespace live;
using namespace live::catalog;

class CallQueueTest : public QObject {
    Q_OBJECT
private slots:
    void callsRunInOrderOnOneOtherThread() {
        std::vector<int> order;
        std::vector<std::thread::id> threads;
        {
            CallQueue queue(100);
            for (int i = 0; i < 50; ++i)
                queue.post([&, i](const Error* refusal) {
                    if (refusal) return;
                    order.push_back(i);
                    threads.push_back(std::this_thread::get_id());
                });
        }
        QCOMPARE(order.size(), std::size_t(50));
        QVERIFY(std::is_sorted(order.begin(), order.end()));
        QVERIFY(threads.front() == threads.back() && threads.front() != std::this_thread::get_id());
    }
    void callsPostedWhileItEndsAreRefusedOnce() {
        std::optional<ErrorCode> code;
        int answers = 0;
        auto queue = std::make_unique<CallQueue>(10);
        std::promise<void> ending;
        auto mayPost = ending.get_future().share();
        CallQueue* raw = queue.get();
        std::atomic<bool> isRunning = false;
        raw->post([&, raw](const Error*) {
            isRunning = true;
            mayPost.wait();
            // The destructor has been entered or is about to be: posting until it refuses is what a busy caller does.
            while (!code)
                raw->post([&](const Error* refusal) {
                    if (refusal && refusal->code == ErrorCode::Cancelled) code = refusal->code;
                    ++answers;
                });
        });
        while (!isRunning) std::this_thread::yield();
        ending.set_value();
        queue.reset();
        QVERIFY(code == ErrorCode::Cancelled);
        QVERIFY(answers >= 1);
    }
    void aFullQueueRefusesOnTheCallersThread() {
        std::promise<void> release, started;
        CallQueue queue(1);
        queue.post([&](const Error*) {
            started.set_value();
            release.get_future().wait();
        });
        started.get_future().wait();
        std::promise<bool> ran;
        queue.post([&](const Error* refusal) { ran.set_value(refusal == nullptr); });
        std::optional<ErrorCode> refused;
        queue.post([&](const Error* refusal) { refused = refusal ? std::optional(refusal->code) : std::nullopt; });
        QVERIFY(refused == ErrorCode::Overloaded);
        release.set_value();
        QVERIFY(ran.get_future().get());
    }
};
LIVE_TEST(CallQueueTest)

#include "call_queue_test.moc"
