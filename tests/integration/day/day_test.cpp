#include "tests/support/test_main.h"

#include "tests/integration/day/day.h"

using namespace live;
using namespace live::test;

class DayTest : public QObject {
    Q_OBJECT
private slots:
    void nothingGrowsOrDriftsFromAPublisherToAPlayer_data() {
        QTest::addColumn<qint64>("drift");
        QTest::newRow("+200 ppm") << qint64(200);
        QTest::newRow("-200 ppm") << qint64(-200);
    }
    void nothingGrowsOrDriftsFromAPublisherToAPlayer() {  // tests/perf/day has 24 hours
        QFETCH(qint64, drift);
        Day day(drift);
        day.run(std::chrono::minutes(10));
        const Day::Size early = day.size();
        day.run(std::chrono::minutes(20));
        const QString problem = day.problem(early);
        QVERIFY2(problem.isEmpty(), qPrintable(problem));
    }
};
LIVE_TEST(DayTest)

#include "day_test.moc"
