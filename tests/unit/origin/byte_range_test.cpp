#include "tests/support/test_main.h"

#include "server/origin/byte_range.h"

using namespace live::origin;

namespace {
struct Row {
    const char* name;
    const char* header;
    std::uint64_t length;
    const char* expected;  // "offset+count", "416" or "all"
};

std::string answer(const Row& row) {
    const auto range = ByteRange::parse(row.header);
    if (!range) return "all";
    const auto resolved = range->resolve(row.length);
    const auto* slice = std::get_if<ByteRange::Slice>(&resolved);
    return slice ? std::to_string(slice->offset) + '+' + std::to_string(slice->count) : "416";
}
}  // namespace

class ByteRangeTest : public QObject {
    Q_OBJECT
private slots:
    void everyFormIsAnsweredAsTheStandardSays() {
        const Row rows[] = {
            {"first and last", "bytes=0-9", 100, "0+10"},
            {"one byte", "bytes=99-99", 100, "99+1"},
            {"last past the end", "bytes=90-500", 100, "90+10"},
            {"open end", "bytes=10-", 100, "10+90"},
            {"suffix", "bytes=-10", 100, "90+10"},
            {"suffix longer than the whole", "bytes=-1000", 100, "0+100"},
            {"to the end, as HLS clients write it", "bytes=0-9007199254740991", 100, "0+100"},
            {"more digits than 64 bits hold", "bytes=5-99999999999999999999999", 100, "5+95"},
            {"unit in capitals", "Bytes=0-0", 100, "0+1"},
            {"first past the end", "bytes=100-", 100, "416"},
            {"first far past the end", "bytes=99999999999999999999999-", 100, "416"},
            {"suffix of nothing", "bytes=-0", 100, "416"},
            {"anything of nothing", "bytes=0-", 0, "416"},
            {"suffix of an empty file", "bytes=-5", 0, "416"},
            {"backwards", "bytes=9-0", 100, "all"},
            {"several ranges", "bytes=0-1,5-6", 100, "all"},
            {"another unit", "items=0-1", 100, "all"},
            {"no unit", "0-1", 100, "all"},
            {"no dash", "bytes=5", 100, "all"},
            {"only a dash", "bytes=-", 100, "all"},
            {"negative first", "bytes=--5", 100, "all"},
            {"letters", "bytes=a-b", 100, "all"},
            {"hexadecimal", "bytes=0x1-0x2", 100, "all"},
            {"spaces inside", "bytes=0 - 9", 100, "all"},
            {"33 digits", "bytes=0-000000000000000000000000000000001", 100, "all"},
            {"nothing", "", 100, "all"},
        };
        for (const Row& row : rows) QVERIFY2(answer(row) == row.expected, row.name);
    }
};
LIVE_TEST(ByteRangeTest)

#include "byte_range_test.moc"
