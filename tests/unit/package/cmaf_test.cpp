#include "tests/support/test_main.h"

#include <set>

#include "server/package/cmaf/avc_sample.h"
#include "server/package/cmaf/fragment.h"
#include "server/package/cmaf/init.h"
#include "tests/support/fake_encoder.h"
#include "tests/support/golden.h"
#include "tests/support/plans.h"

using namespace live;
using namespace live::test;
using namespace live::package::cmaf;

namespace {

// One line a box: depth, type, size, and what is in a box that holds no boxes.
void dump(std::string& out, ByteView bytes, int depth = 0) {
    static const std::set<std::string_view> kContainers{"moov", "trak", "mdia", "minf", "dinf", "stbl", "mvex",
                                                        "moof", "traf", "stsd", "dref", "avc1", "mp4a"};
    static const std::map<std::string_view, std::size_t> kBefore{{"stsd", 8}, {"dref", 8}, {"avc1", 78}, {"mp4a", 28}};
    ByteReader reader(bytes);
    while (reader.remaining() >= 8) {
        const std::size_t size = reader.u32();
        const std::string type(reader.text(4));
        ByteView payload = reader.bytes(size - 8);
        out += std::string(static_cast<std::size_t>(2 * depth), ' ') + type + " " + std::to_string(size);
        const bool isContainer = kContainers.contains(type);
        const std::size_t fields = !isContainer ? payload.size() : kBefore.contains(type) ? kBefore.at(type) : 0;
        if (fields > 0) out += " " + toHex(payload.first(fields));
        out += '\n';
        if (isContainer) dump(out, payload.subspan(fields), depth + 1);
    }
    if (reader.failed() || reader.remaining() > 0) out += "(does not end at a box)\n";
}

std::string dumped(const Buffer& bytes) {
    std::string out;
    dump(out, bytes.view());
    return out;
}

store::Init init(std::size_t rendition) {
    const media::BroadcastPlan plan = examplePlan();
    return *makeInit(plan.renditions[rendition], plan.track(rendition),
                     fakeConfiguration(plan.renditions[rendition].kind).view());
}

Buffer fragment(media::MediaKind kind, FragmentPosition position) {
    const bool isVideo = kind == media::MediaKind::Video;
    const std::vector<Sample> samples{
        {isVideo ? fakeVideo(FakePicture::Idr, 1) : fakeAudio(1), isVideo ? 1000u : 1024u},
        {isVideo ? fakeVideo(FakePicture::Other, 2) : fakeAudio(2), isVideo ? 2000u : 1024u}};
    return writeFragment({.kind = kind,
                          .position = position,
                          .sequence = 7,
                          .decodeTime = 0x0102030405060708,
                          .startsWithKey = !isVideo || position == FragmentPosition::SegmentStart,
                          .samples = samples});
}

Buffer sample(std::initializer_list<Bytes> nals) {
    ByteWriter writer;
    for (const Bytes& nal : nals) writer.u32(nal.size()).bytes(nal);
    return Buffer(writer.take());
}

const Bytes kIdr{0x65, 0x88, 0x80}, kSlice{0x41, 0x9A}, kDelimiter{0x09, 0xF0}, kSei{0x06, 0x05, 0x00},
    kFiller{0x0C, 0xFF};

}  // namespace

#define COMPARE_GOLDEN(name, actual)                                \
    do {                                                            \
        const QString difference = compareWithGolden(name, actual); \
        QVERIFY2(difference.isEmpty(), qPrintable(difference));     \
    } while (false)

class CmafTest : public QObject {
    Q_OBJECT
private slots:
    void theInitOfVideo() { COMPARE_GOLDEN("init-video.txt", dumped(init(0).bytes)); }
    void theInitOfAudio() { COMPARE_GOLDEN("init-audio.txt", dumped(init(2).bytes)); }
    void thePartOfVideoThatStartsASegment() {
        COMPARE_GOLDEN("part-video-first.txt",
                       dumped(fragment(media::MediaKind::Video, FragmentPosition::SegmentStart)));
    }
    void thePartOfVideoInsideASegment() {
        COMPARE_GOLDEN("part-video.txt", dumped(fragment(media::MediaKind::Video, FragmentPosition::Inside)));
    }
    void thePartOfAudio() {
        COMPARE_GOLDEN("part-audio.txt", dumped(fragment(media::MediaKind::Audio, FragmentPosition::Inside)));
    }
    void anInitIsNamedAfterItsBytes() {
        const store::Init one = init(0);
        QCOMPARE(one.name, "init-" + sha256Hex(one.bytes.view()).substr(0, 8) + ".mp4");
        QCOMPARE(init(0).name, one.name);
        QVERIFY(init(1).name != one.name);
    }
    void theConfigurationIsFoundInAnInit() {
        const auto video = configurationOf(init(0), media::MediaKind::Video);
        QVERIFY(video && std::ranges::equal(video->view(), fakeConfiguration(media::MediaKind::Video).view()));
        const auto audio = configurationOf(init(2), media::MediaKind::Audio);
        QVERIFY(audio && std::ranges::equal(audio->view(), fakeConfiguration(media::MediaKind::Audio).view()));
        QVERIFY(!configurationOf(init(2), media::MediaKind::Video));
        for (std::size_t cut = 0; cut < init(0).bytes.size(); ++cut) {
            store::Init broken{"", init(0).bytes.slice(0, cut)};
            QVERIFY(!configurationOf(broken, media::MediaKind::Audio));
            const auto cutVideo = configurationOf(broken, media::MediaKind::Video);  // must not read outside
            QVERIFY(!cutVideo || cut > 500);
        }
    }
    void aConfigurationThatIsNotOneIsRefused() {
        const media::BroadcastPlan plan = examplePlan();
        QVERIFY(!makeInit(plan.renditions[0], plan.track(0), Bytes{1, 2, 3}));
        const Buffer configuration = fakeConfiguration(media::MediaKind::Video);
        Bytes threeByteLengths(configuration.view().begin(), configuration.view().end());
        threeByteLengths[4] = 0xFE;
        QVERIFY(!makeInit(plan.renditions[0], plan.track(0), threeByteLengths));
        QVERIFY(!makeInit(plan.renditions[2], plan.track(2), Bytes{}));
    }
    void aFragmentReadBackIsWhatWasWritten() {
        for (const auto kind : {media::MediaKind::Video, media::MediaKind::Audio})
            for (const auto position : {FragmentPosition::SegmentStart, FragmentPosition::Inside}) {
                const Buffer bytes = fragment(kind, position);
                const auto content = readFragment(bytes);
                QVERIFY(content);
                QCOMPARE(content->samples.size(), std::size_t{2});
                QCOMPARE(content->startsWithKey,
                         kind == media::MediaKind::Audio || position == FragmentPosition::SegmentStart);
                const Buffer second = kind == media::MediaKind::Audio ? fakeAudio(2) : fakeVideo(FakePicture::Other, 2);
                QVERIFY(std::ranges::equal(content->samples[1].data.view(), second.view()));
                QCOMPARE(content->samples[1].duration, kind == media::MediaKind::Audio ? 1024u : 2000u);
                QCOMPARE(bytes.size(), fragmentOverhead(kind, position, 2) + content->samples[0].data.size() +
                                           content->samples[1].data.size());
            }
    }
    void aFragmentThatIsCutOrLongerIsRefused() {
        const Buffer whole = fragment(media::MediaKind::Video, FragmentPosition::SegmentStart);
        for (std::size_t cut = 0; cut < whole.size(); ++cut) QVERIFY(!readFragment(whole.slice(0, cut)));
        Bytes longer(whole.view().begin(), whole.view().end());
        longer.push_back(0);
        QVERIFY(!readFragment(Buffer(longer)));
    }
    void delimitersFillerAndKnownParameterSetsAreLeftOutOfSamples() {
        const Buffer configuration = fakeConfiguration(media::MediaKind::Video);
        const Bytes pps{0x68, 0xEB, 0xE3, 0xCB};
        const auto idr = avcSample(sample({kDelimiter, pps, kSei, kIdr, kIdr, kFiller}), configuration.view());
        QVERIFY(idr && idr->isIdr);
        QVERIFY(std::ranges::equal(idr->data.view(), sample({kSei, kIdr, kIdr}).view()));
    }
    void aSampleWithNothingToLeaveOutIsShared() {
        const Buffer data = sample({kSei, kSlice});
        const auto slice = avcSample(data, {});
        QVERIFY(slice && !slice->isIdr);
        QVERIFY(slice->data.data() == data.data());
    }
    void aSampleThatIsNotOnePictureIsRefused() {
        const Buffer configuration = fakeConfiguration(media::MediaKind::Video);
        const auto isRefused = [&](const Buffer& data) {
            const auto result = avcSample(data, configuration.view());
            return !result && result.error().code == ErrorCode::Protocol;
        };
        QVERIFY(isRefused(sample({kIdr, kSlice})));
        QVERIFY(isRefused(sample({kSei})));
        QVERIFY(isRefused(Buffer()));
        QVERIFY(isRefused(Buffer(Bytes{0, 0, 0, 9, 0x65})));
        QVERIFY(isRefused(Buffer(Bytes{0, 0, 0})));
        QVERIFY(isRefused(sample({Bytes{0x67, 0x64, 0x00, 0x28}, kIdr})));
    }
};
LIVE_TEST(CmafTest)
#include "cmaf_test.moc"
