#include "tests/support/test_main.h"

#include <unistd.h>

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <thread>

#include "server/observe/process.h"
#include "tests/support/promtool.h"

using namespace live;
using namespace live::observe;

namespace {
bool contains(const std::string& text, std::string_view line) {
    return ("\n" + text).find("\n" + std::string(line) + "\n") != std::string::npos;
}

bool write(const QDir& directory, const QString& name, const QByteArray& text) {
    QFile file(directory.filePath(name));
    return file.open(QIODevice::WriteOnly) && file.write(text) == text.size();
}
}  // namespace

class PageTest : public QObject {
    Q_OBJECT
private slots:
    void aFamilyIsDescribedOnceAndHoldsAllItsSeries() {
        Page page;
        page.counter("liveserver_ingest_bytes_total", "Bytes received.", 5, {{"stream", "a"}, {"protocol", "rtmp"}});
        page.gauge("liveserver_viewers", "Viewers.", 7);
        page.counter("liveserver_ingest_bytes_total", "Bytes received.", 6, {{"stream", "b"}, {"protocol", "rtmp"}});
        const std::string text = page.text();
        QVERIFY(contains(text, "# TYPE liveserver_ingest_bytes_total counter"));
        QCOMPARE(QString::fromStdString(text).count("# TYPE liveserver_ingest_bytes_total"), 1);
        QVERIFY2(contains(text, "liveserver_ingest_bytes_total{protocol=\"rtmp\",stream=\"a\"} 5"), text.c_str());
        QVERIFY(contains(text, "liveserver_ingest_bytes_total{protocol=\"rtmp\",stream=\"b\"} 6"));
        QVERIFY(contains(text, "liveserver_viewers 7"));
    }
    void theSameSeriesAgainReplacesTheFirst() {
        Page page;
        page.gauge("liveserver_viewers", "Viewers.", 1, {{"stream", "a"}, {"cdn", "x"}});
        page.gauge("liveserver_viewers", "Viewers.", 2, {{"cdn", "x"}, {"stream", "a"}});
        const std::string text = page.text();
        QVERIFY(contains(text, "liveserver_viewers{cdn=\"x\",stream=\"a\"} 2"));
        QVERIFY(text.find("} 1\n") == std::string::npos);
    }
    void histogramsAreCumulative() {
        Histogram histogram(std::vector{0.1, 0.5});
        for (double value : {0.05, 0.1, 0.3, 2.0}) histogram.observe(value);
        Page page;
        page.histogram("liveserver_hold_seconds", "Holds.", histogram.snapshot(), {{"stream", "a"}});
        const std::string text = page.text();
        QVERIFY2(contains(text, "liveserver_hold_seconds_bucket{stream=\"a\",le=\"0.1\"} 2"), text.c_str());
        QVERIFY(contains(text, "liveserver_hold_seconds_bucket{stream=\"a\",le=\"0.5\"} 3"));
        QVERIFY(contains(text, "liveserver_hold_seconds_bucket{stream=\"a\",le=\"+Inf\"} 4"));
        QVERIFY(contains(text, "liveserver_hold_seconds_count{stream=\"a\"} 4"));
        QVERIFY(text.find("liveserver_hold_seconds_sum{stream=\"a\"} 2.45") != std::string::npos);
    }
    void labelValuesCanNotBreakAPage() {
        Page page;
        page.gauge("liveserver_viewers", "Viewers.", 1, {{"stream", "a\"} 9\nliveserver_x 1\\\xFF"}});
        QCOMPARE(test::promtoolFindings(page.text()), QString());
        QVERIFY(!contains(page.text(), "liveserver_x 1\\\xFF"));
    }
    void moreSeriesThanTheBoundAreLeftOutAndCounted() {
        Page page;
        for (std::size_t i = 0; i < kMaxSeries + 5; ++i)
            page.gauge("liveserver_viewers", "Viewers.", 1, {{"stream", std::to_string(i)}});
        const std::string text = page.text();
        QVERIFY(contains(text, "liveserver_metrics_dropped_series 5"));
        QCOMPARE(QString::fromStdString(text).count("liveserver_viewers{"), int(kMaxSeries));
    }
    void numbersKeepTheirPrecision() {
        Page page;
        page.counter("liveserver_bytes_total", "Bytes.", 9'007'199'254'740'991.0);
        page.gauge("liveserver_ratio", "A ratio.", 0.1);
        QVERIFY2(contains(page.text(), "liveserver_bytes_total 9007199254740991"), page.text().c_str());
        QVERIFY(contains(page.text(), "liveserver_ratio 0.1") ||
                contains(page.text(), "liveserver_ratio 0.10000000000000001"));
    }
};
LIVE_TEST(PageTest)

class HistogramTest : public QObject {
    Q_OBJECT
private slots:
    void observationsOfManyThreadsAreAllCounted() {
        Histogram histogram(std::vector{1.0});
        std::vector<std::jthread> threads;
        for (int thread = 0; thread < 4; ++thread)
            threads.emplace_back([&histogram] {
                for (int i = 0; i < 10'000; ++i) histogram.observe(i % 2 == 0 ? 0.5 : 1.5);
            });
        threads.clear();
        const HistogramSnapshot snapshot = histogram.snapshot();
        QCOMPARE(snapshot.counts, std::vector<std::uint64_t>({20'000, 20'000}));
        QCOMPARE(snapshot.sum, 40'000.0);
    }
};
LIVE_TEST(HistogramTest)

class ProcessTest : public QObject {
    Q_OBJECT
private slots:
    void figuresAreReadAsProcHasThem() {
        QTemporaryDir directory;
        const QDir proc(directory.path());
        QVERIFY(proc.mkdir("fd"));
        for (const char* name : {"0", "1", "2", "3"}) QVERIFY(write(QDir(proc.filePath("fd")), name, ""));
        QVERIFY(write(proc, "smaps_rollup",
                      "5500-7fff ---p 00:00 0 [rollup]\nRss:     2048 kB\nPss:     1024 kB\nPss_Anon: 7 kB\n"));
        QVERIFY(write(proc, "status", "Name:\tx\nVmRSS:\t    2048 kB\nThreads:\t9\n"));
        QVERIFY(write(proc, "limits",
                      "Limit    Soft Limit  Hard Limit  Units\nMax open files            1024      4096     files\n"));
        QVERIFY(write(proc, "stat", "12 (a) b (c) R 1 2 3 4 5 6 7 8 9 10 300 200 0 0 20 0 1 0 5 6 7"));
        const ProcessFigures figures = readProcess(directory.path().toStdString());
        QVERIFY(figures.pssBytes == 1024u * 1024u);
        QVERIFY(figures.rssBytes == 2048u * 1024u);
        QVERIFY(figures.threads == 9u);
        QVERIFY(figures.openDescriptors == 3u);
        QVERIFY(figures.maxDescriptors == 1024u);
        QVERIFY(figures.cpuSeconds == 500.0 / static_cast<double>(::sysconf(_SC_CLK_TCK)));
    }
    void whatTheKernelDoesNotTellIsLeftOut() {
        QTemporaryDir directory;
        const QDir proc(directory.path());
        QVERIFY(write(proc, "limits", "Max open files            unlimited      4096     files\n"));
        QVERIFY(write(proc, "stat", "12 (cut"));
        QVERIFY(write(proc, "status", "VmRSS:"));
        const ProcessFigures figures = readProcess(directory.path().toStdString());
        QVERIFY(!figures.pssBytes && !figures.rssBytes && !figures.maxDescriptors && !figures.cpuSeconds &&
                !figures.threads);
        QVERIFY(!figures.openDescriptors);
    }
    void thisProcessHasFigures() {
        const ProcessFigures figures = readProcess();
        QVERIFY(figures.rssBytes.value_or(0) > 1024 * 1024);
        QVERIFY(figures.openDescriptors.value_or(0) >= 3);
        QVERIFY(figures.threads.value_or(0) >= 1);
    }
    void aWholePageIsCleanToPromtool() {
        ManualClock clock;
        Histogram histogram(std::vector{0.1, 1.0});
        histogram.observe(0.2);
        Registry registry;
        registry.add(processCollector(clock, "0.1.0"));
        registry.add([&](Page& page) {
            page.histogram("liveserver_playlist_hold_seconds", "Time a request was held.", histogram.snapshot());
            page.counter("liveserver_ingest_bytes_total", "Bytes received.", 5, {{"stream", "a"}});
        });
        clock.advance(Milliseconds(1500));
        const std::string text = registry.scrape();
        QCOMPARE(test::promtoolFindings(text), QString());
        QVERIFY(contains(text, "liveserver_uptime_seconds 1.5"));
        QVERIFY(contains(text, "liveserver_build_info{version=\"0.1.0\"} 1"));
    }
    void promtoolWouldFindSomething() {
        const QString findings = test::promtoolFindings("# HELP x_total a\n# TYPE x_total gauge\nx_total 1\n");
        QVERIFY2(findings.contains("x_total"), qPrintable(findings));
    }
};
LIVE_TEST(ProcessTest)

#include "observe_test.moc"
