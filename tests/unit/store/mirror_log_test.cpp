#include "tests/support/test_main.h"

#include "server/store/mirror_log.h"
#include "tests/support/plans.h"

using namespace live;
using namespace live::store;

namespace {

CommitRecord exampleRecord() {
    return {.slot = {891'406'812, 5},
            .parts = {CommittedPart{.offset = 1,
                                    .length = 2,
                                    .duration = Nanoseconds(333'333'334),
                                    .init = 0x3fa9c1d2,
                                    .crc = 5,
                                    .isIndependent = true,
                                    .isDiscontinuity = false},
                      std::nullopt,
                      CommittedPart{.offset = 7,
                                    .length = 8,
                                    .duration = Nanoseconds(320'000'000),
                                    .init = 9,
                                    .crc = 10,
                                    .isIndependent = false,
                                    .isDiscontinuity = true}}};
}

}  // namespace

class MirrorLogTest : public QObject {
    Q_OBJECT
private slots:
    void aRecordComesBackAsItWasWritten() {
        const Bytes bytes = encode(exampleRecord());
        QCOMPARE(bytes.size(), commitRecordBytes(3));
        const auto record = decodeCommitRecord(bytes, 3);
        QVERIFY(record.has_value());
        QVERIFY(record->slot == (media::SlotId{891'406'812, 5}));
        QVERIFY(record->parts[0] && !record->parts[1] && record->parts[2]);
        QVERIFY(record->parts[0]->offset == 1 && record->parts[0]->length == 2 && record->parts[0]->init == 0x3fa9c1d2);
        QVERIFY(record->parts[0]->duration == Nanoseconds(333'333'334) && record->parts[2]->crc == 10);
        QVERIFY(record->parts[0]->isIndependent && !record->parts[0]->isDiscontinuity);
        QVERIFY(!record->parts[2]->isIndependent && record->parts[2]->isDiscontinuity);
    }
    void aRecordWithAnyChangedBitIsNone() {
        const Bytes whole = encode(exampleRecord());
        for (std::size_t bit = 0; bit < whole.size() * 8; ++bit) {
            Bytes changed = whole;
            changed[bit / 8] = static_cast<std::uint8_t>(changed[bit / 8] ^ 1 << bit % 8);
            QVERIFY(!decodeCommitRecord(changed, 3));
        }
    }
    void aRecordOfAnotherSizeOrOfZerosIsNone() {
        const Bytes whole = encode(exampleRecord());
        for (std::size_t size = 0; size < whole.size(); ++size)
            QVERIFY(!decodeCommitRecord(ByteView(whole).first(size), 3));
        QVERIFY(!decodeCommitRecord(whole, 2));
        QVERIFY(!decodeCommitRecord(whole, 4));
        QVERIFY(!decodeCommitRecord(Bytes(commitRecordBytes(3)), 3));
    }
    void aHeaderComesBackWhateverFollowsIt() {
        Bytes bytes = encodeLogHeader(test::examplePlan());
        const std::size_t size = bytes.size();
        bytes.resize(size + 100, 0xaa);
        const auto header = decodeLogHeader(bytes);
        QVERIFY(header.has_value());
        QVERIFY(header->plan == test::examplePlan());
        QCOMPARE(header->size, size);
    }
    void aCutOrChangedHeaderIsRefused() {
        const Bytes whole = encodeLogHeader(test::examplePlan());
        for (std::size_t size = 0; size < whole.size(); ++size) QVERIFY(!decodeLogHeader(ByteView(whole).first(size)));
        for (std::size_t at = 0; at < whole.size(); ++at) {
            Bytes changed = whole;
            changed[at] = static_cast<std::uint8_t>(~changed[at]);
            QVERIFY(!decodeLogHeader(changed));
        }
    }
    void namesAreParsedExactly() {
        QVERIFY(parseInitName("init-3fa9c1d2.mp4") == 0x3fa9c1d2u);
        QCOMPARE(initName(0xa), std::string("init-0000000a.mp4"));
        for (const char* name :
             {"init-3fa9c1d.mp4", "init-3FA9C1D2.mp4", "init-+fa9c1d2.mp4", "init-3fa9c1d2.mp", "x", ""})
            QVERIFY2(!parseInitName(name), name);
        QVERIFY(parseSegmentFileName(segmentFileName(891'406'812)) == 891'406'812);
        QVERIFY(parseLogFileName(logFileName(64 * 7 + 63)) == 7);
        for (const char* name : {".m4s", "-1.m4s", "1x.m4s", "1.mp4", "99999999999999999999.m4s"})
            QVERIFY2(!parseSegmentFileName(name), name);
    }
};
LIVE_TEST(MirrorLogTest)

#include "mirror_log_test.moc"
