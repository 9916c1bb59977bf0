#include "tests/support/test_main.h"

#include <fcntl.h>

#include "common/base/bytes.h"
#include "common/base/clock.h"
#include "common/base/file_descriptor.h"
#include "common/base/ids.h"

using namespace live;

class BytesTest : public QObject {
    Q_OBJECT
private slots:
    void aReaderNeverReadsPastTheEnd() {
        const Bytes bytes{1, 2, 3};
        ByteReader reader(bytes);
        QCOMPARE(reader.u16(), std::uint16_t(0x0102));
        QVERIFY(!reader.failed());
        QCOMPARE(reader.u16(), std::uint16_t(0));
        QVERIFY(reader.failed());
        QCOMPARE(reader.u8(), std::uint8_t(0));  // and stays failed, though a byte was left
    }
    void whatAWriterWritesAReaderReads() {
        ByteWriter writer;
        writer.u8(7).u24(0x010203).u64(0x1122334455667788).i64(-5).text("x");
        writer.patchU32(4, 0xAABBCCDD);
        const Bytes bytes = writer.take();
        ByteReader reader(bytes);
        QCOMPARE(reader.u8(), std::uint8_t(7));
        QCOMPARE(reader.u24(), 0x010203u);
        QCOMPARE(reader.u64(), std::uint64_t(0xAABBCCDD55667788));
        QCOMPARE(reader.i64(), std::int64_t(-5));
        QCOMPARE(reader.text(1), std::string_view("x"));
        QCOMPARE(reader.remaining(), std::size_t(0));
    }
    void aSliceKeepsTheBytesAlive() {
        Buffer tail = Buffer::copyOf("hello world").slice(6);
        QCOMPARE(asText(tail.view()), std::string_view("world"));
        QCOMPARE(tail.slice(9).size(), std::size_t(0));
        QCOMPARE(asText(tail.slice(1, 2).view()), std::string_view("or"));
    }
};
LIVE_TEST(BytesTest)

class TimeTest : public QObject {
    Q_OBJECT
private slots:
    void divisionRoundsAsItsNameSays() {
        QCOMPARE(mulDivFloor(-1, 1, 2), std::int64_t(-1));
        QCOMPARE(mulDivCeil(1, 1, 2), std::int64_t(1));
        QCOMPARE(mulDivRound(1, 1, 2), std::int64_t(1));
        QCOMPARE(mulDivRound(-3, 1, 2), std::int64_t(-1));
        QCOMPARE(mulDivFloor(1'800'000'000'000'000'000, 60000, 1'000'000'000), std::int64_t(108'000'000'000'000));
    }
    void timesAreWrittenInUtcWithMilliseconds() {
        QCOMPARE(toRfc3339(Nanoseconds(1'782'813'624'000'999'999)), std::string("2026-06-30T10:00:24.000Z"));
        QCOMPARE(toRfc3339(Nanoseconds(-1)), std::string("1969-12-31T23:59:59.999Z"));
    }
    void aSteppedSystemClockLeavesBootTimeAlone() {
        ManualClock clock;
        const BootTime boot = clock.boot();
        clock.stepUnix(Seconds(-3600));
        QVERIFY(clock.boot() == boot);
        clock.advance(Seconds(1));
        QVERIFY(clock.boot() == boot + Seconds(1));
    }
};
LIVE_TEST(TimeTest)

class IdsTest : public QObject {
    Q_OBJECT
private slots:
    void aStreamIdIsCheckedWhenParsed() {
        QVERIFY(StreamId::parse("show-1"));
        QVERIFY(StreamId::parse(std::string(63, 'a')));
        for (const char* bad : {"", "-a", "A", "a_b", "ä", "a/b", ".."}) QVERIFY2(!StreamId::parse(bad), bad);
        QVERIFY(!StreamId::parse(std::string(64, 'a')));
    }
    void broadcastIdsSortByTime() {
        const BroadcastId first = makeBroadcastId(UnixTime(Seconds(1'780'000'000)));
        const BroadcastId second = makeBroadcastId(UnixTime(Seconds(1'780'000'001)));
        QCOMPARE(first.text().size(), std::size_t(26));
        QVERIFY(first < second);
        QVERIFY(BroadcastId::parse(first.text()));
    }
    void sha256MatchesItsTestVector() {  // FIPS 180-2, B.1
        QCOMPARE(sha256Hex(asBytes("abc")),
                 std::string("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
    }
};
LIVE_TEST(IdsTest)

class FileDescriptorTest : public QObject {
    Q_OBJECT
    static FileDescriptor opened() { return FileDescriptor(::open("/dev/null", O_RDONLY | O_CLOEXEC)); }
    static bool isOpen(int value) { return ::fcntl(value, F_GETFD) >= 0; }
private slots:
    void aDescriptorIsClosedWithItsOwner() {
        int value = -1;
        {
            FileDescriptor first = opened();
            value = first.value();
            const FileDescriptor second = std::move(first);
            QVERIFY(!first.isOpen());
            QCOMPARE(second.value(), value);
            QVERIFY(isOpen(value));
        }
        QVERIFY(!isOpen(value));
    }
    void whatIsReplacedIsClosedAtOnce() {
        FileDescriptor descriptor = opened();
        const int old = descriptor.value();
        FileDescriptor next = opened();
        descriptor = std::move(next);
        QVERIFY(!isOpen(old));
        QVERIFY(isOpen(descriptor.value()));
    }
    void whatIsReleasedStaysOpen() {
        FileDescriptor descriptor = opened();
        const FileDescriptor released(descriptor.release());
        descriptor = {};
        QVERIFY(isOpen(released.value()));
    }
};
LIVE_TEST(FileDescriptorTest)

#include "base_test.moc"
