#include "tests/support/test_main.h"

#include <QJsonDocument>

#include "common/api/stream_json.h"

using namespace live;
using namespace live::api;

namespace {

const PublicUrls kUrls{.rtmp = "rtmp://media.test:1935", .http = "https://media.test"};
const IssuedKey kKey{
    .record = {.id = "key-1", .role = KeyRole::Primary, .sha256 = "digest", .hint = "wxyz", .createdAt = {}},
    .text = "abcdefghwxyz"};

Stream streamWithKey() {
    Stream stream{.id = *StreamId::parse("show"), .name = "Show"};
    stream.keys = {kKey.record};
    return stream;
}

}  // namespace

class StreamJsonTest : public QObject {
    Q_OBJECT
private slots:
    void defaultsThatTheServerChoosesAreNull() {
        const QJsonObject json = toJson(streamWithKey(), StreamState::Live, kUrls, UnixTime{});
        QVERIFY(json["ladder"].isNull());
        QVERIFY(json["window_s"].isNull());
        QCOMPARE(json["segment_duration_s"].toInt(), 2);
        QCOMPARE(json["state"], "live");
    }
    void aStreamIsShownWithoutItsSecrets() {
        const QByteArray text = QJsonDocument(toJson(streamWithKey(), StreamState::Idle, kUrls, UnixTime{})).toJson();
        QVERIFY(!text.contains("abcdefgh"));
        QVERIFY(!text.contains("digest"));
        QVERIFY(text.contains("wxyz"));
        QVERIFY(text.contains("rtmp://media.test:1935/live"));
    }
    void aNewStreamTellsWhereToPublishAndWatch() {
        const QJsonObject json = createdJson(streamWithKey(), kKey, StreamState::Idle, kUrls);
        QCOMPARE(json["stream_key"], "abcdefghwxyz");
        QCOMPARE(json["keys"][0]["key"], "abcdefghwxyz");
        QCOMPARE(json["ingest"][0]["url"], "rtmp://media.test:1935/live/abcdefghwxyz");
        QCOMPARE(json["playback"]["hls"], "https://media.test/live/show/master.m3u8");
        QCOMPARE(json["playback"]["watch"], "https://media.test/watch/show");
    }
    void aHoldIsShownForAsLongAsItLasts() {
        Stream stream = streamWithKey();
        stream.heldUntil = UnixTime(Seconds(60));
        const auto heldUntil = [&stream](UnixTime now) -> QJsonValue {
            return toJson(stream, StreamState::Ended, kUrls, now)["held_until"];
        };
        QCOMPARE(heldUntil(UnixTime(Seconds(59))), "1970-01-01T00:01:00.000Z");
        QVERIFY(heldUntil(UnixTime(Seconds(60))).isNull());
    }
    void aStreamWithoutKeysHasNowhereToPublishTo() {
        Stream stream = streamWithKey();
        stream.keys.clear();
        QVERIFY(toJson(stream, StreamState::Idle, kUrls, UnixTime{})["ingest"].toArray().isEmpty());
    }
};
LIVE_TEST(StreamJsonTest)

#include "stream_json_test.moc"
