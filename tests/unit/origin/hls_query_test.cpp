#include "tests/support/test_main.h"

#include "server/origin/hls_query.h"

using namespace live::origin;

namespace {
std::string text(const std::string& query) {
    const auto parsed = HlsQuery::parse(query);
    if (!parsed) return "400";
    std::string shown;
    if (parsed->msn) shown += "m" + std::to_string(*parsed->msn);
    if (parsed->part) shown += "p" + std::to_string(*parsed->part);
    if (parsed->wantsDelta) shown += "d";
    return shown;
}
}  // namespace

class HlsQueryTest : public QObject {
    Q_OBJECT
private slots:
    void directivesAreReadInAnyOrder() {
        QCOMPARE(text("_HLS_msn=5&_HLS_part=1"), "m5p1");
        QCOMPARE(text("_HLS_part=1&_HLS_msn=5"), "m5p1");
        QCOMPARE(text("_HLS_skip=YES&_HLS_part=1&_HLS_msn=5"), "m5p1d");
        QCOMPARE(text("_HLS_msn=5"), "m5");
        QCOMPARE(text("_HLS_skip=v2"), "d");
        QCOMPARE(text(""), "");
    }
    void otherKeysAreDroppedWhateverTheyHold() {
        QCOMPARE(text("CMCD=bl%3D2100%2Csid%3D%22x%22&_HLS_msn=5&tk=%zz&&=&_HLS_part=1&_HLS_report=1"), "m5p1");
        QCOMPARE(text("CMCD=1&CMCD=2"), "");
        QCOMPARE(text("_hls_msn=5"), "");
    }
    void percentEncodingIsUndone() {
        QCOMPARE(text("%5FHLS_msn=%35"), "m5");
        QCOMPARE(text("_HLS_msn=5%00"), "400");
        QCOMPARE(text("_HLS_msn=%3"), "400");
        QCOMPARE(text("_HLS_msn=%g1"), "400");
    }
    void everyMalformedDirectiveIsRefused() {
        for (const char* query : {"_HLS_part=1", "_HLS_part=1&_HLS_skip=YES", "_HLS_msn=", "_HLS_msn", "_HLS_msn=-1",
                                  "_HLS_msn=+1", "_HLS_msn=1.5", "_HLS_msn=0x10", "_HLS_msn=5 ", "_HLS_msn=abc",
                                  "_HLS_msn=5&_HLS_part=", "_HLS_msn=5&_HLS_part=-1", "_HLS_msn=5&_HLS_msn=5",
                                  "_HLS_msn=5&_HLS_part=1&_HLS_part=1", "_HLS_skip=YES&_HLS_skip=YES",
                                  "_HLS_skip=", "_HLS_msn=123456789012345678901"})
            QVERIFY2(text(query) == "400", query);
    }
    void numbersPastInt64BecomeItsMaximum() {
        QCOMPARE(text("_HLS_msn=18446744073709551615"), "m9223372036854775807");
        QCOMPARE(text("_HLS_msn=00000000000000000007"), "m7");
    }
    void anUnknownSkipMeansTheFullPlaylist() { QCOMPARE(text("_HLS_skip=maybe"), ""); }
    void aQueryOfHundredKilobytesIsRefused() {
        QCOMPARE(text("_HLS_msn=1&x=" + std::string(100'000, 'y')), "400");
        QCOMPARE(text(std::string(8192, '&')), "");
    }
};
LIVE_TEST(HlsQueryTest)

#include "hls_query_test.moc"
