// The rules of rfc8216bis that can be read off the text, over all frame rates, latency profiles and segment durations.
#include "tests/support/test_main.h"

#include <zlib.h>

#include <functional>

#include "tests/unit/package/broadcast.h"
#include "tests/unit/package/playlist_text.h"

using namespace live;
using namespace live::test;

namespace {

struct Named {
    std::string name;
    media::BroadcastPlan plan;
};

std::vector<Named> everyPlan() {
    std::vector<Named> plans;
    for (const media::FrameRate rate :
         {media::FrameRate{24000, 1001}, {24, 1}, {25, 1}, {30000, 1001}, {30, 1}, {50, 1}, {60000, 1001}, {60, 1}})
        for (const LatencyProfile profile : {LatencyProfile::Low, LatencyProfile::Ultra})
            for (const int seconds : {1, 2, 7}) {
                // Numbers where neither the video nor the audio of odd rates starts on a boundary.
                media::BroadcastPlan plan = examplePlan(1'782'813'601 / seconds);
                plan.grid = media::Grid(Seconds(seconds), profile, rate);
                plan.window = std::max(Seconds(30), 8 * Seconds(seconds));
                plans.push_back({std::to_string(rate.numerator) + "/" + std::to_string(rate.denominator) + " " +
                                     std::string(toString(profile)) + " D " + std::to_string(seconds),
                                 plan});
            }
    return plans;
}

std::string gunzip(const Buffer& packed) {
    std::string text(1 << 20, '\0');
    z_stream stream{};
    LIVE_ASSERT(inflateInit2(&stream, 31) == Z_OK);
    stream.next_in = const_cast<Bytef*>(packed.data());
    stream.avail_in = static_cast<uInt>(packed.size());
    stream.next_out = reinterpret_cast<Bytef*>(text.data());
    stream.avail_out = static_cast<uInt>(text.size());
    LIVE_ASSERT(inflate(&stream, Z_FINISH) == Z_STREAM_END);
    text.resize(stream.total_out);
    inflateEnd(&stream);
    return text;
}

// Runs `broadcast` past its window and calls `check` with the playlist of each rendition after each slot.
using Check = std::function<void(Broadcast&, std::size_t rendition, const std::string& text)>;

void play(Broadcast& broadcast, const Check& check) {
    const std::int64_t segments = broadcast.plan.window.count() / broadcast.plan.grid.segmentDuration().count() + 2;
    for (std::int64_t slot = 0; slot < segments * broadcast.plan.grid.slotsPerSegment(); ++slot) {
        broadcast.slot();
        if (!broadcast.packager->snapshot()) continue;
        for (const std::size_t rendition : {0, 2}) check(broadcast, rendition, broadcast.playlist(rendition));
    }
}

}  // namespace

#define VERIFY_RULE(condition) \
    if (!(condition))          \
    return QTest::qFail(qPrintable(QString::fromStdString(name) + ": " #condition), __FILE__, __LINE__)

class PlaylistRulesTest : public QObject {
    Q_OBJECT
private slots:
    void everyPlaylistByItselfIsWellFormed() {
        for (Named& named : everyPlan()) {
            Broadcast broadcast(named.plan);
            play(broadcast, [&](Broadcast& playing, std::size_t, const std::string& text) {
                checkOne(named.name, playing, parsePlaylist(text));
            });
            if (QTest::currentTestFailed()) return;
        }
    }
    void oneSnapshotAfterTheOtherOnlyAppendsAndRemovesFromTheHead() {
        for (Named& named : everyPlan()) {
            Broadcast broadcast(named.plan);
            std::map<std::size_t, PlaylistText> before;
            play(broadcast, [&](Broadcast&, std::size_t rendition, const std::string& text) {
                PlaylistText now = parsePlaylist(text);
                if (before.contains(rendition)) checkSuccession(named.name, before[rendition], now);
                before[rendition] = std::move(now);
            });
            if (QTest::currentTestFailed()) return;
        }
    }
    void theDeltaUpdateAndThePlaylistBeforeMakeTheFullPlaylist() {
        for (Named& named : everyPlan()) {
            Broadcast broadcast(named.plan);
            std::map<std::size_t, std::string> before;
            std::size_t deltas = 0;
            play(broadcast, [&](Broadcast& playing, std::size_t rendition, const std::string& text) {
                const std::string delta = playing.delta(rendition);
                if (!delta.empty() && !before[rendition].empty()) {
                    checkDelta(named.name, before[rendition], delta, text);
                    ++deltas;
                }
                before[rendition] = text;
            });
            if (QTest::currentTestFailed()) return;
            QVERIFY(deltas > 0);
        }
    }
    void gzipBodiesHoldTheSameTextAndAreDeterministic() {
        Broadcast one, other;
        one.segments(20);
        other.segments(20);
        const store::RenditionSnapshot& rendition = one.rendition(0);
        QCOMPARE(gunzip(rendition.playlist.gzip), one.playlist(0));
        QCOMPARE(gunzip(rendition.delta->gzip), one.delta(0));
        QCOMPARE(gunzip(one.packager->snapshot()->multivariant.gzip), one.multivariant());
        QVERIFY(rendition.playlist.gzip.size() * 4 < rendition.playlist.plain.size());
        QVERIFY(std::ranges::equal(rendition.playlist.gzip.view(), other.rendition(0).playlist.gzip.view()));
    }
    void allRenditionsHaveTheSameTimingTags() {
        for (Named& named : everyPlan()) {
            Broadcast broadcast(named.plan);
            broadcast.segments(1);
            auto video = parsePlaylist(broadcast.playlist(0)).header,
                 audio = parsePlaylist(broadcast.playlist(2)).header;
            QVERIFY2(video == audio, named.name.c_str());
        }
    }

private:
    static void checkOne(const std::string& name, const Broadcast& broadcast, const PlaylistText& playlist) {
        VERIFY_RULE(playlist.problems.empty());
        VERIFY_RULE(playlist.header.at("#EXT-X-VERSION") == "6");
        const Seconds target(std::atoll(playlist.header.at("#EXT-X-TARGETDURATION").c_str()));
        VERIFY_RULE(target == broadcast.plan.grid.segmentDuration());
        const std::string control = "#EXT-X-SERVER-CONTROL:" + playlist.header.at("#EXT-X-SERVER-CONTROL");
        const Nanoseconds partTarget =
            parseSeconds(attribute("#EXT-X-PART-INF:" + playlist.header.at("#EXT-X-PART-INF"), "PART-TARGET"));
        VERIFY_RULE(attribute(control, "CAN-BLOCK-RELOAD") == "YES");
        VERIFY_RULE(parseSeconds(attribute(control, "CAN-SKIP-UNTIL")) == 6 * target);
        VERIFY_RULE(parseSeconds(attribute(control, "HOLD-BACK")) == 3 * target);
        VERIFY_RULE(parseSeconds(attribute(control, "PART-HOLD-BACK")) == 3 * partTarget);

        const media::SlotId newest = broadcast.packager->snapshot()->newest;
        const media::SlotId next = broadcast.packager->next();
        VERIFY_RULE(playlist.hint == std::to_string(next.segment) + "." + std::to_string(next.part) + ".m4s");
        VERIFY_RULE(playlist.reports.size() == 2);
        for (const std::string& report : playlist.reports) {
            VERIFY_RULE(attribute(report, "LAST-MSN") == std::to_string(newest.segment));
            VERIFY_RULE(attribute(report, "LAST-PART") == std::to_string(newest.part));
            VERIFY_RULE(attribute(report, "URI").starts_with("../"));
        }
        VERIFY_RULE(!playlist.segments.front().map.empty());
        checkSegments(name, playlist, target, partTarget);
    }

    static void checkSegments(const std::string& name, const PlaylistText& playlist, Seconds target,
                              Nanoseconds partTarget) {
        Nanoseconds fromEnd{};  // of the playlist to the end of the segment
        for (std::size_t i = playlist.segments.size(); i-- > 0;) {
            const SegmentText& segment = playlist.segments[i];
            const std::string number = std::to_string(playlist.sequence() + static_cast<std::int64_t>(i));
            VERIFY_RULE(!segment.dateTime.empty());
            VERIFY_RULE(segment.duration || i + 1 == playlist.segments.size());
            VERIFY_RULE(!segment.duration || segment.uri == number + ".m4s");
            VERIFY_RULE(!segment.duration || std::chrono::round<Seconds>(*segment.duration) <= target);
            VERIFY_RULE(segment.parts.empty() == (fromEnd >= 3 * target));
            Nanoseconds sum{};
            for (std::size_t p = 0; p < segment.parts.size(); ++p) {
                const PartText& part = segment.parts[p];
                const bool isLast = segment.duration && p + 1 == segment.parts.size();
                VERIFY_RULE(part.uri == number + "." + std::to_string(p) + ".m4s");
                VERIFY_RULE(part.duration <= partTarget);
                VERIFY_RULE(part.isIndependent || isLast || part.duration * 100 >= partTarget * 85);
                VERIFY_RULE(p > 0 || part.isIndependent);
                sum += part.duration;
            }
            VERIFY_RULE(segment.parts.empty() || !segment.duration || sum == *segment.duration);
            fromEnd += segment.duration.value_or(sum);
        }
    }

    static void checkSuccession(const std::string& name, const PlaylistText& before, const PlaylistText& now) {
        const auto removed = static_cast<std::size_t>(now.sequence() - before.sequence());
        VERIFY_RULE(now.sequence() >= before.sequence() && removed < before.segments.size());
        for (const auto& [tag, value] : before.header)
            VERIFY_RULE(tag == "#EXT-X-MEDIA-SEQUENCE" || now.header.at(tag) == value);
        VERIFY_RULE(now.segments.size() + removed >= before.segments.size());
        for (std::size_t i = removed; i < before.segments.size(); ++i) {
            const SegmentText& old = before.segments[i];
            const SegmentText& same = now.segments[i - removed];
            VERIFY_RULE(same.dateTime == old.dateTime && same.isDiscontinuity == old.isDiscontinuity);
            VERIFY_RULE(!old.duration || (same.duration == old.duration && same.uri == old.uri));
            VERIFY_RULE(same.parts.empty() || same.parts.size() >= old.parts.size());
            VERIFY_RULE(same.parts.empty() || std::equal(old.parts.begin(), old.parts.end(), same.parts.begin()));
        }
        // The newest part is the one that was hinted.
        VERIFY_RULE(now.segments.back().parts.back().uri == before.hint);
    }

    // Puts the skipped segments of the playlist before in front of the delta update, as a client does.
    static void checkDelta(const std::string& name, const std::string& beforeText, const std::string& deltaText,
                           const std::string& full) {
        const PlaylistText before = parsePlaylist(beforeText), delta = parsePlaylist(deltaText),
                           now = parsePlaylist(full);
        VERIFY_RULE(delta.header.at("#EXT-X-VERSION") == "9");
        VERIFY_RULE(delta.skipped > 0 && delta.skipped + delta.segments.size() == now.segments.size());
        std::string rebuilt = full.substr(0, full.find("#EXT-X-MAP"));  // the header, checked against the delta's below
        for (const auto& [tag, value] : delta.header)
            VERIFY_RULE(tag == "#EXT-X-VERSION" || now.header.at(tag) == value);
        const auto removed = static_cast<std::size_t>(now.sequence() - before.sequence());
        for (std::size_t i = 0; i < delta.skipped; ++i) {
            std::string text = before.segments[removed + i].text;
            if (i == 0 && before.segments[removed].map.empty())
                text = "#EXT-X-MAP:URI=\"" + before.segments.front().map + "\"\n" + text;  // it still applies
            rebuilt += text;
        }
        const std::size_t skip = deltaText.find("#EXT-X-SKIP");
        rebuilt += deltaText.substr(deltaText.find('\n', skip) + 1);
        VERIFY_RULE(rebuilt == full);
        Nanoseconds kept{};
        for (const SegmentText& segment : delta.segments) kept += segment.duration.value_or(Nanoseconds{});
        const Nanoseconds boundary = 6 * Seconds(std::atoll(delta.header.at("#EXT-X-TARGETDURATION").c_str()));
        VERIFY_RULE(kept >= boundary && kept - *delta.segments.front().duration < boundary);
    }
};
LIVE_TEST(PlaylistRulesTest)
#include "playlist_rules_test.moc"
