#include "tests/support/test_main.h"

#include "server/origin/decide.h"
#include "tests/support/snapshots.h"

using namespace live;
using namespace live::origin;

namespace {
const std::string kBroadcast = "/live/demo/00000000000000000000000001/";
const BootTime kNow{Seconds(1000)};

MediaRequest requestOf(const std::string& path, const std::string& query = {}) {
    MediaRequest request;
    request.path = *MediaPath::parse(path);
    request.query = *HlsQuery::parse(query);
    return request;
}

store::StreamEntry entryOf(const test::SnapshotShape& shape) { return {false, test::makeSnapshot(shape), nullptr}; }

std::string bodyOf(const Response& response) {
    std::string body;
    for (const Buffer& buffer : response.body) body += asText(buffer.view());
    return body;
}

bool hasField(const Response& response, std::string_view field) {
    return asText(response.head.view()).contains("\r\n" + std::string(field) + "\r\n");
}

// "200 body", "404", "hold playlist 6".
std::string shown(const Decision& decision) {
    if (const auto* hold = std::get_if<Hold>(&decision)) {
        static constexpr const char* kNames[] = {"start", "playlist", "part"};
        return std::string("hold ") + kNames[static_cast<int>(hold->what)] + ' ' +
               std::to_string(std::chrono::duration_cast<Seconds>(hold->limit).count());
    }
    const Response& response = *std::get<ResponsePtr>(decision);
    return std::to_string(response.status) + (response.body.empty() ? "" : ' ' + bodyOf(response));
}

std::string decided(const store::StreamEntry& entry, const std::string& path, const std::string& query = {},
                    Phase phase = Phase::New, BootTime now = kNow) {
    return shown(decide(requestOf(path, query), &entry, now, phase));
}

ResponsePtr responseTo(const store::StreamEntry& entry, const MediaRequest& request) {
    return std::get<ResponsePtr>(decide(request, &entry, kNow, Phase::New));
}
}  // namespace

class DecideTest : public QObject {
    Q_OBJECT
private slots:
    void idleAndUnknownStreamsAreRefusedAtOnce() {
        for (const std::string& path : {std::string("/live/demo/master.m3u8"), kBroadcast + "v720/index.m3u8"}) {
            const Decision decision = decide(requestOf(path), nullptr, kNow, Phase::New);
            QCOMPARE(shown(decision), "404");
            QVERIFY(hasField(*std::get<ResponsePtr>(decision), "Cache-Control: no-store"));
        }
        QCOMPARE(decided(store::StreamEntry{}, "/live/demo/master.m3u8"), "404");
    }
    void everythingIsHeldBetweenPublishAndFirstPlaylist() {
        const store::StreamEntry starting{.isStarting = true, .current = {}, .previous = {}};
        QCOMPARE(decided(starting, "/live/demo/master.m3u8"), "hold start 10");
        QCOMPARE(decided(starting, kBroadcast + "v720/index.m3u8"), "hold start 10");
        QCOMPARE(decided(starting, kBroadcast + "v720/1000.0.m4s"), "hold start 10");
        store::StreamEntry again = entryOf({.isEnded = true});
        again.isStarting = true;
        QCOMPARE(decided(again, "/live/demo/master.m3u8"), "hold start 10");
        QCOMPARE(decided(again, kBroadcast + "v720/index.m3u8"), "200 full v720 1000.2");
    }
    void playlistsFollowTheDirectiveTable() {
        const auto entry = entryOf({});
        const std::string path = kBroadcast + "v720/index.m3u8";
        QCOMPARE(decided(entry, "/live/demo/master.m3u8"), "200 master 1000.2");
        QCOMPARE(decided(entry, path), "200 full v720 1000.2");
        QCOMPARE(decided(entry, path, "_HLS_msn=1000&_HLS_part=2"), "200 full v720 1000.2");
        QCOMPARE(decided(entry, path, "_HLS_msn=1000&_HLS_part=3"), "hold playlist 6");
        QCOMPARE(decided(entry, path, "_HLS_msn=1000"), "hold playlist 6");
        QCOMPARE(decided(entry, path, "_HLS_msn=1002"), "400");
        QCOMPARE(decided(entry, path, "_HLS_skip=YES"), "200 delta v720 1000.2");
        QCOMPARE(decided(entry, path, "_HLS_msn=3&_HLS_skip=v2"), "200 delta v720 1000.2");
        QCOMPARE(decided(entryOf({.hasDelta = false}), path, "_HLS_skip=YES"), "200 full v720 1000.2");
        QCOMPARE(decided(entry, kBroadcast + "a0/index.m3u8"), "200 full a0 1000.2");
    }
    void anEndedBroadcastIgnoresDirectives() {
        const auto entry = entryOf({.isEnded = true});
        const std::string path = kBroadcast + "v720/index.m3u8";
        for (const char* query : {"", "_HLS_msn=1000&_HLS_part=3", "_HLS_msn=5000", "_HLS_skip=YES"})
            QCOMPARE(decided(entry, path, query, Phase::New, kNow + Seconds(500)), "200 full v720 1000.2");
        QCOMPARE(decided(entry, "/live/demo/master.m3u8"), "200 master 1000.2");
    }
    void aShedRenditionIsRefusedNewOrHeldButItsMediaStays() {
        const auto entry = entryOf({.isShed = true});
        for (const Phase phase : {Phase::New, Phase::Held}) {
            QCOMPARE(decided(entry, kBroadcast + "v720/index.m3u8", "_HLS_msn=1000&_HLS_part=3", phase), "404");
            QCOMPARE(decided(entry, kBroadcast + "v720/1000.3.m4s", "", phase), "404");
        }
        QVERIFY(decided(entry, kBroadcast + "v720/1000.2.m4s").starts_with("200"));
        QCOMPARE(decided(entry, kBroadcast + "a0/index.m3u8"), "200 full a0 1000.2");
    }
    void aStalePlaylistRefusesNewRequestsAndKeepsHeldOnes() {
        const auto entry = entryOf({});
        const BootTime late = kNow + Milliseconds(3001);
        const std::string path = kBroadcast + "v720/index.m3u8";
        QCOMPARE(decided(entry, path, "", Phase::New, late), "503");
        QCOMPARE(decided(entry, "/live/show/master.m3u8", "", Phase::New, late), "503");
        QCOMPARE(decided(entry, path, "_HLS_msn=1000&_HLS_part=3", Phase::New, late), "503");
        QCOMPARE(decided(entry, path, "_HLS_msn=1000&_HLS_part=3", Phase::Held, late), "hold playlist 6");
        const Decision decision = decide(requestOf(path), &entry, late, Phase::New);
        const Response& response = *std::get<ResponsePtr>(decision);
        QVERIFY(hasField(response, "Live-Reason: stale playlist") && hasField(response, "Cache-Control: no-store"));
        QVERIFY(hasField(response, "Retry-After: 1"));
    }
    void anIncompletePlaylistIsRefusedWithAReason() {
        auto snapshot = *test::makeSnapshot({});
        snapshot.renditions[0].playlist = {};
        const store::StreamEntry entry{false, std::make_shared<const store::StreamSnapshot>(snapshot), nullptr};
        QCOMPARE(decided(entry, kBroadcast + "v720/index.m3u8"), "503");
        QCOMPARE(decided(entry, kBroadcast + "v720/index.m3u8", "_HLS_msn=1000&_HLS_part=1", Phase::Held),
                 "hold playlist 6");
    }
    void aPartIsServedHeldOrUnknown() {
        const auto entry = entryOf({});
        const auto part = [&](const char* name) { return decided(entry, kBroadcast + "v720/" + name).substr(0, 11); };
        QCOMPARE(part("1000.2.m4s"), "200 v720/10");
        QCOMPARE(part("1000.3.m4s"), "hold part 6");
        QCOMPARE(part("1000.4.m4s"), "404");
        QCOMPARE(part("1001.0.m4s"), "404");
        QCOMPARE(part("999.6.m4s"), "404");
        QCOMPARE(part("995.0.m4s"), "200 v720/99");
        QCOMPARE(part("993.0.m4s"), "200 v720/99");  // no longer listed
        QCOMPARE(part("992.0.m4s"), "404");
    }
    void theHintOfTheNextSegmentIsHeldToo() {
        const auto entry = entryOf({.newest = {1000, 5}});
        QCOMPARE(decided(entry, kBroadcast + "v720/1001.0.m4s"), "hold part 6");
        QCOMPARE(decided(entry, kBroadcast + "v720/1000.6.m4s"), "404");
    }
    void aHeldPartIsReleasedByItsSnapshot() {
        const std::string path = kBroadcast + "v720/1000.3.m4s";
        QCOMPARE(decided(entryOf({.newest = {1000, 3}}), path, "", Phase::Held).substr(0, 15), "200 v720/1000.3");
        QCOMPARE(decided(entryOf({.newest = {1001, 1}}), path, "", Phase::Held).substr(0, 15), "200 v720/1000.3");
    }
    void theLastHintOfAnEndedBroadcastIsAnsweredEmpty() {
        const auto entry = entryOf({.newest = {1000, 5}, .isEnded = true});
        const Decision decision = decide(requestOf(kBroadcast + "v720/1001.0.m4s"), &entry, kNow, Phase::Held);
        QCOMPARE(shown(decision), "204");
        const Response& response = *std::get<ResponsePtr>(decision);
        QVERIFY(hasField(response, "Cache-Control: no-store"));
        QVERIFY(!asText(response.head.view()).contains("\r\nContent-Length"));
        QCOMPARE(decided(entry, kBroadcast + "v720/1001.1.m4s"), "404");
    }
    void aSegmentIsTheChainOfItsParts() {
        const auto entry = entryOf({.partBytes = 20});
        std::string whole;
        for (std::int32_t p = 0; p < 6; ++p) whole += test::partText("v720", {999, p}, 20);
        QCOMPARE(decided(entry, kBroadcast + "v720/999.m4s"), "200 " + whole);
        QCOMPARE(decided(entry, kBroadcast + "v720/1000.m4s"), "404");  // open: not listed yet
        QCOMPARE(decided(entry, kBroadcast + "v720/994.m4s").substr(0, 12), "200 v720/994");
        QCOMPARE(decided(entry, kBroadcast + "v720/init-0123abcd.mp4"), "200 init of v720");
        QCOMPARE(decided(entry, kBroadcast + "v720/init-ffffffff.mp4"), "404");
        QCOMPARE(decided(entry, kBroadcast + "v360/index.m3u8"), "404");
    }
    void rangesRunOverTheWholeChain() {
        const auto entry = entryOf({.partBytes = 20});
        std::string whole;
        for (std::int32_t p = 0; p < 6; ++p) whole += test::partText("v720", {999, p}, 20);
        MediaRequest request = requestOf(kBroadcast + "v720/999.m4s");
        for (std::size_t first = 0; first < whole.size(); first += 7) {
            for (std::size_t last = first; last < whole.size(); last += 13) {
                request.range = ByteRange{first, last};
                const ResponsePtr response = responseTo(entry, request);
                QCOMPARE(response->status, 206);
                QCOMPARE(bodyOf(*response), whole.substr(first, last - first + 1));
            }
        }
        request.range = ByteRange{std::nullopt, 25};
        const ResponsePtr suffix = responseTo(entry, request);
        QCOMPARE(bodyOf(*suffix), whole.substr(95));
        QVERIFY(hasField(*suffix, "Content-Range: bytes 95-119/120") && hasField(*suffix, "Content-Length: 25"));
        request.range = ByteRange{120, std::nullopt};
        const ResponsePtr beyond = responseTo(entry, request);
        QCOMPARE(beyond->status, 416);
        QVERIFY(hasField(*beyond, "Content-Range: bytes */120") && beyond->body.empty());
    }
    void conditionsAreHonoured() {
        const auto entry = entryOf({});
        MediaRequest request = requestOf(kBroadcast + "v720/1000.2.m4s");
        QVERIFY(hasField(*responseTo(entry, request), "ETag: \"1000.2-100\""));
        request.range = ByteRange{0, 9};
        request.ifRange = "\"other\"";
        QCOMPARE(responseTo(entry, request)->status, 200);
        request.ifRange = "\"1000.2-100\"";
        QCOMPARE(responseTo(entry, request)->status, 206);
        request.ifNoneMatch = "\"x\", W/\"1000.2-100\"";
        const ResponsePtr unchanged = responseTo(entry, request);
        QVERIFY(unchanged->status == 304 && unchanged->body.empty());
        QVERIFY(hasField(*unchanged, "ETag: \"1000.2-100\""));
    }
    void cachingIsExact() {
        const auto live = entryOf({}), ended = entryOf({.isEnded = true});
        const std::string playlist = kBroadcast + "v720/index.m3u8";
        const auto cached = [](const store::StreamEntry& entry, const std::string& path, const std::string& query,
                               const std::string& value) {
            return hasField(*responseTo(entry, requestOf(path, query)), "Cache-Control: " + value);
        };
        QVERIFY(cached(live, playlist, "", "public, max-age=1"));
        QVERIFY(
            cached(entryOf({.segmentDuration = Seconds(6), .newest = {1000, 1}}), playlist, "", "public, max-age=3"));
        QVERIFY(cached(live, playlist, "_HLS_skip=YES", "public, max-age=1"));
        // 1000.2 is the newest part: what asks for it may be kept, what asks for less will be answered anew.
        QVERIFY(cached(live, playlist, "_HLS_msn=1000&_HLS_part=2", "public, max-age=0, s-maxage=12"));
        QVERIFY(cached(live, playlist, "_HLS_msn=1000&_HLS_part=1", "public, max-age=1"));
        QVERIFY(cached(live, playlist, "_HLS_msn=999", "public, max-age=1"));
        QVERIFY(cached(entryOf({.segmentDuration = Seconds(6), .newest = {1000, 1}}), playlist, "_HLS_msn=999",
                       "public, max-age=1"));
        QVERIFY(cached(entryOf({.newest = {999, 5}}), playlist, "_HLS_msn=999", "public, max-age=0, s-maxage=12"));
        QVERIFY(cached(entryOf({.newest = {1000, 0}}), playlist, "_HLS_msn=999&_HLS_part=7",
                       "public, max-age=0, s-maxage=12"));
        QVERIFY(cached(live, "/live/demo/master.m3u8", "", "public, max-age=1"));
        QVERIFY(cached(ended, playlist, "_HLS_msn=1000&_HLS_part=1", "public, max-age=3600"));
        QVERIFY(cached(ended, "/live/demo/master.m3u8", "", "public, max-age=1"));
        for (const char* name : {"1000.2.m4s", "999.m4s", "init-0123abcd.mp4"})
            QVERIFY(cached(live, kBroadcast + "v720/" + name, "", "public, max-age=31536000, immutable"));
        for (const char* name : {"1000.5.m4s", "1.m4s"})
            QVERIFY(cached(live, kBroadcast + "v720/" + name, "", "no-store"));
        QVERIFY(cached(live, playlist, "_HLS_msn=9999", "no-store"));
    }
    void typesCorsAndEncodingAreRight() {
        const auto entry = entryOf({});
        MediaRequest request = requestOf(kBroadcast + "v720/index.m3u8");
        const ResponsePtr plain = responseTo(entry, request);
        QVERIFY(hasField(*plain, "Content-Type: application/vnd.apple.mpegurl") &&
                hasField(*plain, "Vary: Accept-Encoding"));
        QVERIFY(hasField(*plain, "Access-Control-Allow-Origin: *"));
        QVERIFY(!asText(plain->head.view()).contains("Age: ") &&
                !asText(plain->head.view()).contains("Content-Encoding"));
        request.acceptsGzip = true;
        const ResponsePtr gzip = responseTo(entry, request);
        QVERIFY(hasField(*gzip, "Content-Encoding: gzip") && hasField(*gzip, "Vary: Accept-Encoding"));
        QCOMPARE(bodyOf(*gzip), "gz full v720 1000.2");
        QVERIFY(hasField(*responseTo(entry, requestOf(kBroadcast + "v720/1000.2.m4s")), "Content-Type: video/mp4"));
        const ResponsePtr audio = responseTo(entry, requestOf(kBroadcast + "a0/1000.2.m4s"));
        QVERIFY(hasField(*audio, "Content-Type: audio/mp4") && hasField(*audio, "Accept-Ranges: bytes"));
        QVERIFY(hasField(*audio, "Content-Length: 100"));
    }
    void theBroadcastBeforeIsServedUnderItsOwnId() {
        store::StreamEntry entry = entryOf({.broadcast = "00000000000000000000000002", .newest = {2000, 0}});
        entry.previous = test::makeSnapshot({.isEnded = true});
        QCOMPARE(decided(entry, "/live/demo/master.m3u8"), "200 master 2000.0");
        QCOMPARE(decided(entry, kBroadcast + "v720/index.m3u8", "_HLS_msn=1000&_HLS_part=3"), "200 full v720 1000.2");
        QCOMPARE(decided(entry, kBroadcast + "v720/1000.3.m4s"), "204");
        QCOMPARE(decided(entry, "/live/demo/00000000000000000000000003/v720/index.m3u8"), "404");
    }
};
LIVE_TEST(DecideTest)

#include "decide_test.moc"
