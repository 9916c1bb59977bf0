#include "tests/support/test_main.h"

#include <QStringList>

#include "server/ingest/io/reason_log.h"

using namespace live;
using live::ingest::io::ReasonLog;

namespace {

struct Written {
    ManualClock clock;
    std::shared_ptr<log::MemoryOutput> output = std::make_shared<log::MemoryOutput>();
    ReasonLog log{log::Logger(output, log::Level::Info, clock), "rtmp.refused"};

    void add(const std::string& message, const std::string& peer = "192.0.2.1:1", const std::string& stream = "") {
        log.add({peer, stream, message}, clock.boot());
    }
    void pass(Nanoseconds time) {
        clock.advance(time);
        log.reportDue(clock.boot());
    }
    // Without time, level and event, which are all the same; empties the log's list.
    QStringList lines() {
        QStringList rest;
        for (const std::string& line : output->lines())
            rest << QString::fromStdString(line).section("\"rtmp.refused\",", 1).trimmed().chopped(1);
        return rest.mid(std::exchange(m_seen, int(rest.size())));
    }

private:
    int m_seen = 0;
};

}  // namespace

class ReasonLogTest : public QObject {
    Q_OBJECT
private slots:
    void eachReasonIsSaidAtOnceWhateverWasSaidBefore() {
        Written written;
        written.add("no such key");
        written.add("no MP3");
        QCOMPARE(written.lines(), QStringList({"\"peer\":\"192.0.2.1:1\",\"message\":\"no such key\",\"count\":1",
                                               "\"peer\":\"192.0.2.1:1\",\"message\":\"no MP3\",\"count\":1"}));
    }
    void theRestOfABurstIsSaidOnceASecondWithThePeerThatCameLast() {
        Written written;
        for (int i = 1; i <= 4; ++i) written.add("no such key", "192.0.2.1:" + std::to_string(i));
        QCOMPARE(written.lines().size(), 1);
        written.pass(Milliseconds(999));
        QCOMPARE(written.lines(), QStringList());
        written.pass(Milliseconds(1));
        QCOMPARE(written.lines(), QStringList("\"peer\":\"192.0.2.1:4\",\"message\":\"no such key\",\"count\":3"));
        written.pass(Seconds(10));
        QCOMPARE(written.lines(), QStringList());
    }
    void aReasonThatIsForgottenDoesNotComeSoonerThanOneThatIsNot() {
        Written written;
        written.add("no such key");
        written.pass(Milliseconds(100));
        written.add("no such key");
        written.pass(Milliseconds(900));
        QCOMPARE(written.lines().size(), 2);
        written.pass(Milliseconds(150));
        written.add("no such key");
        QCOMPARE(written.lines(), QStringList());
        written.pass(Milliseconds(850));
        QCOMPARE(written.lines().size(), 1);
    }
    void streamsAreToldApart() {
        Written written;
        written.add("no MP3", "192.0.2.1:1", "one");
        written.add("no MP3", "192.0.2.1:2", "two");
        QCOMPARE(written.lines(),
                 QStringList({"\"peer\":\"192.0.2.1:1\",\"stream_id\":\"one\",\"message\":\"no MP3\",\"count\":1",
                              "\"peer\":\"192.0.2.1:2\",\"stream_id\":\"two\",\"message\":\"no MP3\",\"count\":1"}));
    }
    void soManyReasonsAreToldApartAndTheOthersCounted() {
        Written written;
        for (std::size_t i = 0; i < ReasonLog::kMaxReasons + 100; ++i) written.add(std::to_string(i));
        QCOMPARE(written.lines().size(), int(ReasonLog::kMaxReasons + 1));
        written.pass(Seconds(1));
        const QStringList rest = written.lines();
        QCOMPARE(rest.size(), 1);
        QVERIFY2(rest[0].contains("other reasons") && rest[0].endsWith("\"count\":99"), qPrintable(rest[0]));
    }
    void aReasonThatNobodyGivesAnyMoreMakesRoom() {
        Written written;
        for (std::size_t i = 0; i < ReasonLog::kMaxReasons; ++i) written.add(std::to_string(i));
        written.pass(Seconds(2));
        written.lines();
        written.add("another");
        QCOMPARE(written.lines(), QStringList("\"peer\":\"192.0.2.1:1\",\"message\":\"another\",\"count\":1"));
    }
};
LIVE_TEST(ReasonLogTest)

#include "reason_log_test.moc"
