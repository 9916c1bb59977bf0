#include "tests/support/test_main.h"

#include <cmath>

#include "server/transcode/worker/audio_timeline.h"

using namespace live;
using namespace live::transcode::worker;

namespace {

constexpr std::int64_t kFirst = 85'440'000'000'000;

av::StereoSamples constant(std::size_t count, float value) {
    av::StereoSamples samples;
    samples.planes[0].assign(count, value);
    samples.planes[1].assign(count, -value);
    return samples;
}

std::vector<float> readAll(AudioTimeline& timeline, std::size_t count) {
    std::vector<float> all;
    while (all.size() < count) {
        std::array<float, 1024> left{}, right{};
        timeline.read(left, right);
        for (std::size_t i = 0; i < left.size(); ++i) {
            if (std::abs(left[i] + right[i]) > 1e-6) qFatal("sides are mixed up");
        }
        all.insert(all.end(), left.begin(), left.end());
    }
    return all;
}

float steepest(const std::vector<float>& samples) {
    float most = std::abs(samples.front());
    for (std::size_t i = 1; i < samples.size(); ++i) most = std::max(most, std::abs(samples[i] - samples[i - 1]));
    return most;
}

}  // namespace

class AudioTimelineTest : public QObject {
    Q_OBJECT
private slots:
    void whatIsWrittenIsReadWhereItBelongs() {
        AudioTimeline timeline(kFirst);
        timeline.write(kFirst + 1000, constant(5000, 0.5F));
        timeline.write(kFirst + 6000, constant(5000, 0.5F));
        const std::vector<float> read = readAll(timeline, 8192);
        QCOMPARE(read[999], 0.0F);
        QCOMPARE(read[1000 + AudioTimeline::kFade], 0.5F);
        QCOMPARE(read[6000], 0.5F);
        QCOMPARE(read[8191], 0.5F);
        QCOMPARE(timeline.silentSamples(), std::int64_t{1000});
    }

    void withoutSoundThereIsSilenceAndItIsCounted() {
        AudioTimeline timeline(kFirst);
        for (float sample : readAll(timeline, 4096)) QCOMPARE(sample, 0.0F);
        QCOMPARE(timeline.silentSamples(), std::int64_t{4096});
    }

    void startsEndsAndOverlapsAreSoft() {
        AudioTimeline timeline(kFirst);
        timeline.write(kFirst + 500, constant(6000, 0.8F));
        timeline.write(kFirst + 4000, constant(4000, -0.8F));  // jumps back over what is there
        timeline.write(kFirst + 12000, constant(3000, 0.8F));  // leaves a gap
        const std::vector<float> read = readAll(timeline, 20480);
        QVERIFY2(steepest(read) < 0.003F, qPrintable(QString::number(steepest(read))));
        QCOMPARE(read[3999], 0.8F);
        QCOMPARE(read[4000 + AudioTimeline::kFade], -0.8F);
        QCOMPARE(read[9000], 0.0F);
        QCOMPARE(read[13500], 0.8F);
        QCOMPARE(read[16000], 0.0F);
    }

    void whatComesTooLateIsLeftOut() {
        AudioTimeline timeline(kFirst);
        readAll(timeline, 2048);
        timeline.write(kFirst, constant(1024, 0.5F));
        timeline.write(kFirst + 1024, constant(2048, 0.5F));
        const std::vector<float> read = readAll(timeline, 2048);
        QCOMPARE(read[1023 - 30 * 0], read[1023]);
        QVERIFY(read[1000] > 0);
        QCOMPARE(read[1500], 0.0F);
    }

    void positionsFarAheadAreLeftOut() {
        AudioTimeline timeline(kFirst);
        timeline.write(kFirst + AudioTimeline::kCapacity + 5, constant(1024, 0.5F));
        timeline.write(kFirst + (std::int64_t{1} << 60), constant(1024, 0.5F));
        timeline.write(-5, constant(1024, 0.5F));
        for (float sample : readAll(timeline, 4096)) QCOMPARE(sample, 0.0F);
    }
};

LIVE_TEST(AudioTimelineTest)
#include "audio_timeline_test.moc"
