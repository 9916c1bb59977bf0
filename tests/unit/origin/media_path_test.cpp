#include "tests/support/test_main.h"

#include "server/origin/media_path.h"

using namespace live::origin;
using Kind = MediaPath::Kind;

namespace {
const std::string kBase = "/live/demo/00000000000000000000000001/v720/";
}

class MediaPathTest : public QObject {
    Q_OBJECT
private slots:
    void everyNameIsFound() {
        QVERIFY(MediaPath::parse("/live/demo/master.m3u8")->kind == Kind::Multivariant);
        QVERIFY(MediaPath::parse(kBase + "index.m3u8")->kind == Kind::Playlist);
        const auto init = MediaPath::parse(kBase + "init-3fa9c1d2.mp4");
        QVERIFY(init->kind == Kind::Init && init->initName == "init-3fa9c1d2.mp4");
        const auto segment = MediaPath::parse(kBase + "891403212.m4s");
        QVERIFY(segment->kind == Kind::Segment && segment->slot.segment == 891403212);
        const auto part = MediaPath::parse(kBase + "891403212.4.m4s");
        QVERIFY(part->kind == Kind::Part && (part->slot == live::media::SlotId{891403212, 4}));
        QCOMPARE(part->stream.text(), "demo");
        QCOMPARE(part->broadcast, "00000000000000000000000001");
        QCOMPARE(part->rendition, "v720");
    }
    void aTokenInFrontChangesNothing() {
        QVERIFY(MediaPath::parse("/t/x/live/demo/master.m3u8") == MediaPath::parse("/live/demo/master.m3u8"));
        QVERIFY(MediaPath::parse("/t/a.b-c" + kBase + "7.0.m4s") == MediaPath::parse(kBase + "7.0.m4s"));
        QVERIFY(!MediaPath::parse("/t/live/demo/master.m3u8"));
        QVERIFY(!MediaPath::parse("/t//live/demo/master.m3u8"));
        QVERIFY(!MediaPath::parse("/t/x/t/y/live/demo/master.m3u8"));
    }
    void namesAreWrittenInOneWayOnly() {
        for (const std::string& path : {std::string(),
                                        std::string("/"),
                                        std::string("/live/demo"),
                                        std::string("/live/demo/"),
                                        std::string("/live/Demo/master.m3u8"),
                                        std::string("/live/demo/master.m3u8/"),
                                        std::string("/live//master.m3u8"),
                                        std::string("live/demo/master.m3u8"),
                                        kBase,
                                        kBase + "index.m3u8x",
                                        kBase + "01.m4s",
                                        kBase + "1.01.m4s",
                                        kBase + "-1.m4s",
                                        kBase + "1.-1.m4s",
                                        kBase + "1..m4s",
                                        kBase + ".m4s",
                                        kBase + "1.2.3.m4s",
                                        kBase + "1.99999999999.m4s",
                                        kBase + "9999999999999999999.m4s",
                                        kBase + "init-3FA9C1D2.mp4",
                                        kBase + "init-3fa9c1d.mp4",
                                        kBase + "init-.mp4",
                                        kBase + "x/index.m3u8",
                                        std::string("/live/demo/0000000000000000000000000/v720/index.m3u8"),
                                        std::string("/live/demo/00000000000000000000000001/x1/index.m3u8")})
            QVERIFY2(!MediaPath::parse(path), path.c_str());
    }
    void pathsThatTryToClimbOrHideAreNotPlain() {
        for (const char* path : {"/", "/watch/demo", "/watch/demo/", "/t/a.b/live/x", "/...", "/.well-known/x"})
            QVERIFY2(isPlainPath(path), path);
        for (const char* path : {"", "*", "x", "/..", "/../x", "/live/../x", "/live/./x", "/live/%2e%2e/x",
                                 "/live/demo%00", "/a//b", "//", "/a\\..\\b", "/a/..", "/\x80", "/a b"})
            QVERIFY2(!isPlainPath(path), path);
    }
};
LIVE_TEST(MediaPathTest)

#include "media_path_test.moc"
