#include "tests/support/test_main.h"

#include <QThread>
#include <thread>

#include "server/control/convert/qt_loop.h"

using namespace live;
using live::control::QtLoop;

namespace {
using Callback = std::move_only_function<void(Result<int>)>;
}

class QtLoopTest : public QObject {
    Q_OBJECT
private slots:
    void anAnswerFromAnotherThreadArrivesOnTheQtThread() {
        QtLoop loop;
        std::thread other;
        QThread* arrivedOn = nullptr;
        auto future = loop.call<int>(
            [&](Callback done) { other = std::thread([done = std::move(done)]() mutable { done(7); }); });
        auto seen = future.then([&](const Result<int>& result) {
            arrivedOn = QThread::currentThread();
            return result;
        });
        other.join();
        QVERIFY(!seen.isFinished());
        QTRY_VERIFY(seen.isFinished());
        QCOMPARE(*seen.result(), 7);
        QCOMPARE(arrivedOn, thread());
        QCOMPARE(loop.waiting(), std::size_t(0));
    }
    void anAnswerGivenAtOnceArrivesLater() {
        QtLoop loop;
        auto future = loop.call<int>([](Callback done) { done(fail(ErrorCode::Overloaded, "full")); });
        QVERIFY(!future.isFinished());
        QTRY_VERIFY(future.isFinished());
        QVERIFY(future.result().error().code == ErrorCode::Overloaded);
    }
    void answersArriveInTheOrderTheyWereGiven() {
        QtLoop loop;
        std::vector<int> order;
        std::vector<Callback> callbacks;
        for (int i = 0; i < 3; ++i)
            loop.call<int>([&](Callback done) { callbacks.push_back(std::move(done)); })
                .then([&](const Result<int>& r) { order.push_back(*r); });
        std::thread([&] {
            for (int i : {2, 0, 1}) callbacks[static_cast<std::size_t>(i)](i);
        }).join();
        QTRY_COMPARE(order.size(), std::size_t(3));
        QCOMPARE(order, (std::vector<int>{2, 0, 1}));
    }
    void whatStillWaitsWhenTheLoopEndsIsCancelledOnTheQtThread() {
        auto loop = std::make_unique<QtLoop>();
        Callback late;
        QThread* cancelledOn = nullptr;
        auto seen =
            loop->call<int>([&](Callback done) { late = std::move(done); }).then([&](const Result<int>& result) {
                cancelledOn = QThread::currentThread();
                return result;
            });
        loop.reset();
        QVERIFY(seen.isFinished());
        QVERIFY(seen.result().error().code == ErrorCode::Cancelled);
        QCOMPARE(cancelledOn, thread());
        std::thread([&] { late(1); }).join();  // finds nobody
    }
    void anAnswerOnItsWayWhenTheLoopEndsIsDropped() {
        auto loop = std::make_unique<QtLoop>();
        int calls = 0;
        loop->call<int>([](Callback done) { done(1); }).then([&](const Result<int>& result) {
            ++calls;
            QVERIFY(!result);
        });
        loop.reset();
        QCoreApplication::processEvents();
        QCOMPARE(calls, 1);
    }
    void aContinuationThatCallsAgainWhileTheLoopEndsIsCancelledToo() {
        auto loop = std::make_unique<QtLoop>();
        QtLoop& inner = *loop;
        bool isCancelled = false;
        loop->call<int>([](Callback) {}).then([&](const Result<int>&) {
            inner.call<int>([](Callback) {}).then([&](const Result<int>& result) { isCancelled = !result; });
        });
        loop.reset();
        QVERIFY(isCancelled);
    }
    void manyThreadsMayAnswerWhileTheLoopEnds() {
        for (int round = 0; round < 50; ++round) {
            auto loop = std::make_unique<QtLoop>();
            std::vector<std::thread> threads;
            int finished = 0;
            for (int i = 0; i < 4; ++i)
                loop->call<int>(
                        [&](Callback done) { threads.emplace_back([done = std::move(done)]() mutable { done(1); }); })
                    .then([&](const Result<int>&) { ++finished; });
            QCoreApplication::processEvents();
            loop.reset();
            for (std::thread& thread : threads) thread.join();
            QCOMPARE(finished, 4);
        }
    }
};
LIVE_TEST(QtLoopTest)

#include "qt_loop_test.moc"
