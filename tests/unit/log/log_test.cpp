#include "tests/support/test_main.h"

#include <fcntl.h>
#include <unistd.h>

#include <QJsonDocument>
#include <QJsonObject>
#include <limits>
#include <thread>

#include "common/log/json_text.h"
#include "common/log/log.h"
#include "common/log/rate_limit.h"

using namespace live;
using namespace live::log;

namespace {
QJsonObject parsed(const std::string& line) {
    QJsonParseError error{};
    const QJsonDocument document = QJsonDocument::fromJson(QByteArray::fromStdString(line), &error);
    return error.error == QJsonParseError::NoError ? document.object() : QJsonObject();
}

std::string asJson(std::string_view text, std::size_t maxBytes = std::string_view::npos) {
    std::string out;
    appendJsonString(out, text, maxBytes);
    return out;
}

// What is left in a pipe's reading end.
std::string drained(int descriptor) {
    std::string all;
    char chunk[65536];
    ssize_t count = 0;
    while ((count = ::read(descriptor, chunk, sizeof chunk)) > 0) all.append(chunk, static_cast<std::size_t>(count));
    return all;
}

struct Pipe {
    Pipe() { opened = ::pipe2(ends, O_CLOEXEC) == 0 && ::fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0; }
    ~Pipe() {
        for (int end : ends)
            if (end >= 0) ::close(end);
    }
    void closeReader() { ::close(std::exchange(ends[0], -1)); }
    int ends[2] = {-1, -1};
    bool opened = false;
};
}  // namespace

class JsonTextTest : public QObject {
    Q_OBJECT
private slots:
    void quotesBackslashesAndControlsAreEscaped() {
        QCOMPARE(asJson("a\"b\\c\n\r\t"), std::string(R"("a\"b\\c\n\r\t")"));
        QCOMPARE(asJson(std::string_view("\0\x1b\x7f", 3)), std::string(R"("\u0000\u001b\u007f")"));
        QCOMPARE(asJson("\xC2\x9b"), std::string(R"("\u009b")"));
    }
    void wellFormedTextPassesUnchanged() {
        for (const char* text : {"é", "日本", "🎬", "\xED\x9F\xBF", "\xF4\x8F\xBF\xBF", "\xC2\xA0"})
            QCOMPARE(asJson(text), '"' + std::string(text) + '"');
    }
    void everyByteThatIsNotUtf8IsReplaced() {
        const std::string bad = "\xEF\xBF\xBD";
        QCOMPARE(asJson("\xFF"), '"' + bad + '"');
        QCOMPARE(asJson("a\x80z"), "\"a" + bad + "z\"");
        QCOMPARE(asJson("\xC0\xAF"), '"' + bad + bad + '"');            // overlong '/'
        QCOMPARE(asJson("\xE0\x80\xAF"), '"' + bad + bad + bad + '"');  // overlong
        QCOMPARE(asJson("\xF0\x80\x80\xAF"), '"' + bad + bad + bad + bad + '"');
        QCOMPARE(asJson("\xED\xA0\x80"), '"' + bad + bad + bad + '"');            // a surrogate
        QCOMPARE(asJson("\xF4\x90\x80\x80"), '"' + bad + bad + bad + bad + '"');  // past U+10FFFF
        QCOMPARE(asJson("\xE6\x97"), '"' + bad + bad + '"');                      // cut in half
        QCOMPARE(asJson("\xC3("), '"' + bad + "(\"");
    }
    void aLongTextIsCutAtACharacter() {
        QCOMPARE(asJson("abcdef", 6), std::string("\"abcdef\""));
        QCOMPARE(asJson("abcdef", 3), std::string("\"abc…\""));
        QCOMPARE(asJson("aé", 2), std::string("\"a…\""));
    }
    void allBytesTogetherAreValidJson() {
        std::string all;
        for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
        const QByteArray document = "{\"x\":" + QByteArray::fromStdString(asJson(all)) + "}";
        QVERIFY(!QJsonDocument::fromJson(document).object().value("x").toString().isEmpty());
    }
};
LIVE_TEST(JsonTextTest)

class LoggerTest : public QObject {
    Q_OBJECT

    ManualClock m_clock{UnixTime(Seconds(1'782'813'624))};
    std::shared_ptr<MemoryOutput> m_output;

private slots:
    void init() { m_output = std::make_shared<MemoryOutput>(); }

    void aLineHasTimeLevelEventAndTypedFields() {
        const Logger log(m_output, Level::Info, m_clock);
        const std::string peer = "127.0.0.1:5";
        log.info("rtmp.published", {{"stream", "show"},
                                    {"peer", peer},
                                    {"count", 3},
                                    {"bytes", std::numeric_limits<std::uint64_t>::max()},
                                    {"negative", std::int64_t(-7)},
                                    {"speed", 1.5},
                                    {"ok", true}});
        QCOMPARE(m_output->lines().at(0),
                 std::string("{\"time\":\"2026-06-30T10:00:24.000Z\",\"level\":\"info\",\"event\":\"rtmp.published\","
                             "\"stream\":\"show\",\"peer\":\"127.0.0.1:5\",\"count\":3,\"bytes\":18446744073709551615,"
                             "\"negative\":-7,\"speed\":1.5,\"ok\":true}\n"));
    }
    void linesBelowTheLevelAreNotWritten() {
        const Logger log(m_output, Level::Warning, m_clock);
        log.debug("a");
        log.info("b");
        log.warning("c");
        log.error("d");
        QCOMPARE(m_output->lines().size(), std::size_t(2));
        QVERIFY(!log.isEnabled(Level::Info));
        QCOMPARE(parsed(m_output->lines()[1]).value("level").toString(), QString("error"));
    }
    void aChildAddsItsFieldsAndLeavesItsParentAlone() {
        const Logger log(m_output, Level::Info, m_clock);
        const Logger session = log.with({{"stream", "show"}}).with({{"session", 7}});
        session.info("a", {{"own", 1}});
        log.info("b");
        const QJsonObject first = parsed(m_output->lines()[0]);
        QCOMPARE(first.value("stream").toString(), QString("show"));
        QCOMPARE(first.value("session").toInt(), 7);
        QCOMPARE(first.value("own").toInt(), 1);
        QVERIFY(!parsed(m_output->lines()[1]).contains("stream"));
    }
    void numbersThatJsonDoesNotHaveBecomeNull() {
        const Logger log(m_output, Level::Info, m_clock);
        log.info("a",
                 {{"x", std::numeric_limits<double>::quiet_NaN()}, {"y", -std::numeric_limits<double>::infinity()}});
        const QJsonObject line = parsed(m_output->lines()[0]);
        QVERIFY(line.value("x").isNull());
        QVERIFY(line.value("y").isNull());
    }
    void aHostileValueCanNeitherBreakNorBloatALine() {
        const Logger log(m_output, Level::Info, m_clock);
        const std::string hostile(1'000'000, '\x01');
        log.info("a", {{"x", hostile}, {"y", "\"}\n{\"level\":\"error"}, {"z", hostile}});
        const std::string line = m_output->lines().at(0);
        QVERIFY(line.size() <= kMaxLineBytes);
        QCOMPARE(std::count(line.begin(), line.end(), '\n'), std::ptrdiff_t(1));
        const QJsonObject object = parsed(line);
        QCOMPARE(object.value("level").toString(), QString("info"));
        QVERIFY(object.value("truncated").toBool());
        QVERIFY(!object.contains("x"));  // 6 bytes an escape: no room for it, but for what comes after
        QCOMPARE(object.value("y").toString(), QString("\"}\n{\"level\":\"error"));
    }
    void moreBoundFieldsThanALineHoldsAreLeftOut() {
        const std::string big(1000, 'x');
        const Logger log =
            Logger(m_output, Level::Info, m_clock).with({{"a", big}, {"b", big}, {"c", big}, {"d", big}, {"e", big}});
        log.info("a", {{"own", 1}});
        const QJsonObject line = parsed(m_output->lines().at(0));
        QCOMPARE(line.value("event").toString(), QString("a"));
        QVERIFY(m_output->lines()[0].size() <= kMaxLineBytes);
    }
    void aDefaultLoggerDiscards() {
        const Logger log;
        log.with({{"a", 1}}).error("b");
        QVERIFY(!log.isEnabled(Level::Error));
    }
    void levelsAreParsedByTheirNames() {
        QVERIFY(parseLevel("warning") == Level::Warning);
        QVERIFY(!parseLevel("warn"));
        QVERIFY(parseLevel("warn").error().message.find("'warning'") != std::string::npos);
    }
};
LIVE_TEST(LoggerTest)

class DescriptorOutputTest : public QObject {
    Q_OBJECT

    ManualClock m_clock;

private slots:
    void linesOfManyThreadsDoNotMix() {
        Pipe pipe;
        QVERIFY(pipe.opened);
        const Logger log(std::make_shared<DescriptorOutput>(pipe.ends[1]), Level::Info, m_clock);
        std::vector<std::jthread> threads;
        for (int thread = 0; thread < 4; ++thread)
            threads.emplace_back([&log, thread] {
                for (int i = 0; i < 100; ++i) log.info("a", {{"thread", thread}, {"i", i}});
            });
        threads.clear();
        const std::string all = drained(pipe.ends[0]);
        int lines = 0;
        for (const QByteArray& line : QByteArray::fromStdString(all).split('\n')) {
            if (line.isEmpty()) continue;
            QCOMPARE(parsed(line.toStdString()).value("event").toString(), QString("a"));
            ++lines;
        }
        QCOMPARE(lines, 400);
    }
    void aFullPipeDropsAndCountsInsteadOfBlocking() {
        Pipe pipe;
        QVERIFY(pipe.opened);
        const auto output = std::make_shared<DescriptorOutput>(pipe.ends[1]);
        const std::string line(kMaxLineBytes - 1, 'x');
        for (int i = 0; i < 100; ++i) output->write(line + '\n');  // a pipe holds 16 pages
        QVERIFY(output->droppedLines() > 50);
        const std::string all = drained(pipe.ends[0]);
        QCOMPARE(all.size() % kMaxLineBytes, std::size_t(0));  // whole lines only
        const std::uint64_t dropped = output->droppedLines();
        output->write("back\n");
        QCOMPARE(drained(pipe.ends[0]), std::string("back\n"));
        QCOMPARE(output->droppedLines(), dropped);
    }
    void aReaderThatHasGoneIsCounted() {
        Pipe pipe;
        QVERIFY(pipe.opened);
        DescriptorOutput output(pipe.ends[1]);
        pipe.closeReader();
        output.write("x\n");
        QCOMPARE(output.droppedLines(), std::uint64_t(1));
    }
    void aLoggerTellsHowManyOfItsLinesWereLost() {
        Pipe pipe;
        QVERIFY(pipe.opened);
        const ManualClock clock;
        const Logger logger(std::make_shared<DescriptorOutput>(pipe.ends[1]), Level::Info, clock);
        QCOMPARE(logger.with({{"stream", "show"}}).droppedLines(), std::uint64_t(0));
        pipe.closeReader();
        logger.info("a");
        QCOMPARE(logger.with({{"stream", "show"}}).droppedLines(), std::uint64_t(1));
        QCOMPARE(Logger().droppedLines(), std::uint64_t(0));
    }
};
LIVE_TEST(DescriptorOutputTest)

class RateLimitTest : public QObject {
    Q_OBJECT
private slots:
    void theFirstIsReportedAtOnceAndTheRestOnceAnInterval() {
        RateLimit limit;
        const BootTime start(Seconds(100));
        QVERIFY(limit.count(start) == 1u);
        for (int i = 1; i <= 999; ++i) QVERIFY(!limit.count(start + Milliseconds(i)));
        QVERIFY(limit.count(start + Seconds(1)) == 1000u);
        QVERIFY(!limit.count(start + Milliseconds(1001)));
    }
    void aTimerReportsWhatNobodyAsksForAnyMore() {
        RateLimit limit(Seconds(2));
        const BootTime start(Seconds(100));
        QVERIFY(!limit.due(start));
        QVERIFY(limit.count(start) == 1u);
        QVERIFY(!limit.count(start + Seconds(1)));
        QVERIFY(!limit.due(start + Milliseconds(1999)));
        QVERIFY(limit.due(start + Seconds(2)) == 1u);
        QVERIFY(!limit.due(start + Seconds(10)));
    }
};
LIVE_TEST(RateLimitTest)

#include "log_test.moc"
