#include "tests/support/test_main.h"

#include <atomic>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <vector>

#include "server/catalog/call_queue.h"

using namespace live;
using namespace live::catalog;

namespace {
// Done with nullptr when it was run, with the reason when it was refused.
class TestCall final : public Call {
public:
    using Done = std::function<void(const Error* refusal)>;
    explicit TestCall(Done done, Kind kind = Kind::Read) : m_done(std::move(done)), m_kind(kind) {}

    Kind kind() const override { return m_kind; }
    void run() override {}
    void answer() override { m_done(nullptr); }
    void refuse(const Error& reason) override { m_done(&reason); }

private:
    Done m_done;
    Kind m_kind;
};

std::unique_ptr<Call> makeCall(TestCall::Done done) { return std::make_unique<TestCall>(std::move(done)); }

void answerAll(const Calls& calls) {
    for (const auto& call : calls) call->answer();
}
}  // namespace

class CallQueueTest : public QObject {
    Q_OBJECT
private slots:
    void callsRunInOrderOnOneOtherThread() {
        std::vector<int> order;
        std::vector<std::thread::id> threads;
        {
            CallQueue queue(100, answerAll);
            for (int i = 0; i < 50; ++i)
                queue.post(makeCall([&, i](const Error* refusal) {
                    if (refusal) return;
                    order.push_back(i);
                    threads.push_back(std::this_thread::get_id());
                }));
        }
        QCOMPARE(order.size(), std::size_t(50));
        QVERIFY(std::is_sorted(order.begin(), order.end()));
        QVERIFY(threads.front() == threads.back() && threads.front() != std::this_thread::get_id());
    }
    void callsPostedWhileItEndsAreRefusedOnce() {
        std::optional<ErrorCode> code;
        int answers = 0;
        auto queue = std::make_unique<CallQueue>(10, answerAll);
        std::promise<void> ending;
        auto mayPost = ending.get_future().share();
        CallQueue* raw = queue.get();
        std::atomic<bool> isRunning = false;
        raw->post(makeCall([&, raw](const Error*) {
            isRunning = true;
            mayPost.wait();
            // The destructor has been entered or is about to be: posting until it refuses is what a busy caller does.
            while (!code)
                raw->post(makeCall([&](const Error* refusal) {
                    if (refusal && refusal->code == ErrorCode::Cancelled) code = refusal->code;
                    ++answers;
                }));
        }));
        while (!isRunning) std::this_thread::yield();
        ending.set_value();
        queue.reset();
        QVERIFY(code == ErrorCode::Cancelled);
        QVERIFY(answers >= 1);
    }
    void aFullQueueRefusesOnTheCallersThread() {
        std::promise<void> release, started;
        CallQueue queue(1, answerAll);
        queue.post(makeCall([&](const Error*) {
            started.set_value();
            release.get_future().wait();
        }));
        started.get_future().wait();
        std::promise<bool> ran;
        queue.post(makeCall([&](const Error* refusal) { ran.set_value(refusal == nullptr); }));
        std::optional<ErrorCode> refused;
        queue.post(
            makeCall([&](const Error* refusal) { refused = refusal ? std::optional(refusal->code) : std::nullopt; }));
        QVERIFY(refused == ErrorCode::Overloaded);
        release.set_value();
        QVERIFY(ran.get_future().get());
    }
    void writesThatWaitBehindEachOtherAreHandedOverTogether() {
        std::vector<std::size_t> sizes;
        std::promise<void> release, started;
        {
            CallQueue queue(1000, [&](const Calls& calls) {
                sizes.push_back(calls.size());
                answerAll(calls);
            });
            const auto post = [&queue](
                                  std::size_t count, Call::Kind kind, TestCall::Done done = [](const Error*) {}) {
                for (std::size_t i = 0; i < count; ++i) queue.post(std::make_unique<TestCall>(done, kind));
            };
            post(1, Call::Kind::Write, [&](const Error*) {
                started.set_value();
                release.get_future().wait();
            });
            started.get_future().wait();
            post(3, Call::Kind::Write);
            post(2, Call::Kind::Read);
            post(CallQueue::kMaxTogether + 2, Call::Kind::Write);
            post(1, Call::Kind::Read);
            release.set_value();
        }
        QCOMPARE(sizes, std::vector<std::size_t>({1, 3, 1, 1, CallQueue::kMaxTogether, 2, 1}));
    }
};
LIVE_TEST(CallQueueTest)

#include "call_queue_test.moc"
