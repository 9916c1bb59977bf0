#include "tests/support/test_main.h"

#include "server/stream/input_health.h"

using namespace live;
using namespace live::stream;

namespace {

// A worker that tells every 500 ms what it made of 15 pictures and 24 packets of sound.
struct HealthRoom {
    struct Half {
        std::uint64_t video = 15, audio = 24, decoded = 15, errors = 0, silent = 0;
    };
    void run(double seconds, const Half& half) {
        for (int i = 0; i < seconds * 2; ++i) {
            for (std::uint64_t n = 0; n < half.video; ++n) health.packet(media::MediaKind::Video);
            for (std::uint64_t n = 0; n < half.audio; ++n) health.packet(media::MediaKind::Audio);
            now += Milliseconds(500);
            heartbeat.decodedFrames += half.decoded;
            heartbeat.decodeErrors += half.errors;
            heartbeat.silentSamples += half.silent;
            for (const std::string& warning : health.heartbeat(heartbeat, now)) begun.push_back(warning);
        }
    }
    QString warnings() const {
        QStringList all;
        for (const std::string& warning : health.warnings(now)) all.append(QString::fromStdString(warning));
        return all.join("|");
    }

    InputHealth health;
    transcode::Heartbeat heartbeat;
    BootTime now{Seconds(100)};
    std::vector<std::string> begun;
};

}  // namespace

class InputHealthTest : public QObject {
    Q_OBJECT
private slots:
    void anInputThatIsDecodedHasNoWarnings() {
        HealthRoom room;
        room.run(1, {.silent = 24'000});  // a broadcast begins with silence
        room.run(60, {});
        QCOMPARE(room.warnings(), QString());
        QVERIFY(room.begun.empty());
    }
    void picturesThatCannotBeDecodedAreAWarningWhileTheyComeAndTenSecondsMore() {
        HealthRoom room;
        room.run(10, {});
        room.run(1.5, {.decoded = 0, .errors = 15});
        QVERIFY2(room.warnings().startsWith("picture or sound is damaged: 45 errors"), qPrintable(room.warnings()));
        room.run(10, {.decoded = 0, .errors = 15});
        QCOMPARE(room.warnings(),
                 QString("the picture cannot be decoded: none of the 60 packets of the last 2.0 s gave one"));
        room.run(11, {});
        QVERIFY(!room.warnings().isEmpty());
        room.run(1.5, {});
        QCOMPARE(room.warnings(), QString());
        QCOMPARE(room.begun.size(), std::size_t(1));
    }
    void aSlowInputAndOneWithoutVideoAreNotSuspect() {
        HealthRoom room;
        room.run(60, {.video = 0, .decoded = 0});
        for (int i = 0; i < 20; ++i) {  // a picture every 3 s
            room.run(0.5, {.video = 1, .decoded = 1});
            room.run(2.5, {.video = 0, .decoded = 0});
        }
        QCOMPARE(room.warnings(), QString());
    }
    void soundThatDoesNotMakeItIsAWarning() {
        HealthRoom room;
        room.run(10, {});
        room.run(3, {.silent = 24'000});
        QCOMPARE(room.warnings(),
                 QString("the sound comes too late or cannot be decoded: all of the last 2.0 s is silent"));
        room.run(12.5, {});
        QCOMPARE(room.warnings(), QString());
        room.run(3, {.silent = 20'000});
        QCOMPARE(room.warnings(),
                 QString("the sound comes too late or cannot be decoded: 1.7 of the last 2.0 s are silent"));
    }
    // A worker makes up for what it was behind.
    void noMoreIsSilentThanThereWas() {
        HealthRoom room;
        room.run(10, {});
        room.run(3, {.silent = 60'000});
        QVERIFY2(room.warnings().endsWith("all of the last 2.0 s is silent"), qPrintable(room.warnings()));
    }
    void whatWasWrongWithAPublisherIsNotSaidOfTheNext() {
        HealthRoom room;
        room.run(10, {});
        room.run(5, {.decoded = 0, .errors = 15});
        QVERIFY(!room.warnings().isEmpty());
        room.health.publisherGone();
        room.run(2, {.video = 0, .audio = 0, .decoded = 0});
        room.run(0.5, {});
        QCOMPARE(room.warnings(), QString());
    }
    void soundThatIsNotSentIsNoWarning() {
        HealthRoom room;
        room.run(10, {});
        room.run(10, {.audio = 0, .silent = 24'000});
        room.run(10, {});
        QCOMPARE(room.warnings(), QString());
    }
    void whatANewWorkerOrPublisherBeginsWithIsNotJudged() {
        HealthRoom room;
        room.run(10, {});
        room.health.workerStarted();
        room.heartbeat = {};
        room.run(2, {.decoded = 0, .silent = 24'000});
        room.run(10, {});
        QCOMPARE(room.warnings(), QString());
        room.health.publisherGone();
        room.run(5, {.video = 0, .audio = 0, .decoded = 0, .silent = 24'000});
        room.run(1.5, {.silent = 24'000});
        room.run(10, {});
        QCOMPARE(room.warnings(), QString());
    }
};
LIVE_TEST(InputHealthTest)

#include "input_health_test.moc"
