#include "tests/support/test_main.h"

#include <algorithm>
#include <chrono>

#include "tests/unit/package/broadcast.h"
#include "tests/unit/package/soak.h"

using namespace live;
using namespace live::test;

class PackagePerfTest : public QObject {
    Q_OBJECT
private slots:
    void twentyFourHoursDoNotGrow() {
        const QString problem = soak(24);
        QVERIFY2(problem.isEmpty(), qPrintable(problem));
    }
    // All that publishing one slot costs, from its last frame to the snapshot, for each rendition.
    void aSlotIsPublishedInWellUnderAMillisecondARendition_data() {
        QTest::addColumn<int>("window");
        QTest::newRow("window 30 s") << 30;
        QTest::newRow("window 10 min") << 600;
    }
    void aSlotIsPublishedInWellUnderAMillisecondARendition() {
        QFETCH(int, window);
        media::BroadcastPlan plan = examplePlan();
        plan.window = Seconds(window);
        Broadcast broadcast(plan);
        broadcast.segments(window / 2 + 20);
        std::vector<double> microseconds;
        for (int i = 0; i < 200; ++i) {
            broadcast.pushSlot(0, broadcast.at).value();
            broadcast.pushSlot(1, broadcast.at).value();
            auto frames = fakeSlot(plan, 2, broadcast.at);
            for (std::size_t f = 0; f + 1 < frames.size(); ++f)
                broadcast.packager->push(2, frames[f], broadcast.now).value();
            const auto start = std::chrono::steady_clock::now();
            const auto publication = broadcast.packager->push(2, frames.back(), broadcast.now);
            const std::chrono::duration<double, std::micro> took = std::chrono::steady_clock::now() - start;
            QVERIFY(publication->snapshot);
            microseconds.push_back(took.count() / 3);
            broadcast.at = plan.grid.next(broadcast.at);
        }
        std::ranges::sort(microseconds);
        qInfo("%.0f µs a rendition (median), %.0f µs (p99)", microseconds[100], microseconds[197]);
        QVERIFY(window > 30 || microseconds[100] < 1000);
    }
};
LIVE_TEST(PackagePerfTest)
#include "package_perf_test.moc"
