#include "tests/support/test_main.h"

#include <bit>

#include "server/media/h264.h"

using namespace live;
using namespace live::media;

namespace {

Bytes fromHex(std::string_view text) {
    const QByteArray bytes = QByteArray::fromHex(QByteArray(text.data(), qsizetype(text.size())));
    return Bytes(bytes.begin(), bytes.end());
}

// Written by x264 (r3095): 1080p 29.97 high, BT.709.
const Bytes kHigh1080 =
    fromHex("01640028ffe1001d67640028acd940780227e5c05a808080a000007d20001d4c01e30632c001000468ef8fcbfdf8f800");
// 1080i 25 4:2:2 10 bit, HLG, full range, SAR 4:3.
const Bytes kInterlacedHlg =
    fromHex("017a0028ffe1001f677a0028b6cd94078044fcb87370912094000003000400000300c87c58b65801000668fba3cb22c0fefafa00");
// 854x482 at 50 baseline.
const Bytes kBaseline = fromHex("0142c01fffe1001a6742c01fd900d83fe688c044000003000400000301903c60c92001000568cb83cb20");
// 640x360 at 23.976, high 10, PQ, CBR HRD.
const Bytes kPqHrd = fromHex(
    "016e001effe10027676e001ea6cd940a02ff97016a042004800001f480005dc03020007a12000f427261803c58b65801000568ebecb22c"
    "fdfafa00");

// A baseline SPS of this many macroblocks.
Bytes spsOfSize(std::uint32_t width, std::uint32_t height) {
    std::vector<bool> bits;
    const auto golomb = [&bits](std::uint32_t value) {
        const int length = static_cast<int>(std::bit_width(value + 1));
        for (int i = 1; i < length; ++i) bits.push_back(false);
        for (int i = length; i-- > 0;) bits.push_back((((value + 1) >> i) & 1) != 0);
    };
    for (const std::uint32_t value : {0u, 0u, 2u, 1u}) golomb(value);  // id, frame_num, order, reference frames
    bits.push_back(false);                                             // no gaps
    golomb(width - 1);
    golomb(height - 1);
    for (const bool flag : {true, true, false, false, true}) bits.push_back(flag);  // frames, direct; no crop, no VUI
    Bytes sps{0x67, 66, 0xC0, 52};
    for (std::size_t i = 0; i < bits.size(); ++i) {
        if (i % 8 == 0) sps.push_back(0);
        if (bits[i]) sps.back() = static_cast<std::uint8_t>(sps.back() | (0x80 >> (i % 8)));
    }
    return sps;
}

h264::SequenceParameters spsOf(const Bytes& record) {
    const auto configuration = h264::parseConfiguration(record);
    if (!configuration) return {};
    const auto sps = h264::parseSps(configuration->sequenceParameterSets.front());
    return sps ? *sps : h264::SequenceParameters{};
}

Bytes annexBOf(const Bytes& record) {
    const auto configuration = *h264::parseConfiguration(record);
    ByteWriter writer;
    writer.u32(1).bytes(Bytes{9, 0x10}).u32(1).bytes(configuration.sequenceParameterSets.front());
    writer.u24(1).bytes(configuration.pictureParameterSets.front()).u24(1).bytes(Bytes{0x65, 0x88, 0, 0});
    return writer.take();
}

Bytes sampleOf(const std::vector<Bytes>& nals, std::size_t lengthSize = 4) {
    ByteWriter writer;
    for (const Bytes& nal : nals) {
        for (std::size_t i = lengthSize; i-- > 0;) writer.u8(nal.size() >> (8 * i));
        writer.bytes(nal);
    }
    return writer.take();
}

// One SEI NAL unit with a GA94 message of the given cc_data triples.
Bytes captionSei(const std::vector<std::array<std::uint8_t, 3>>& triples) {
    ByteWriter payload;
    payload.u8(0xB5).u16(0x31).text("GA94").u8(3).u8(0x40 | triples.size()).u8(0xFF);
    for (const auto& triple : triples) payload.bytes(triple);
    payload.u8(0xFF);
    ByteWriter nal;
    nal.u8(6).u8(5).u8(2).u16(0x1234);  // another message before it
    nal.u8(4).u8(payload.size()).bytes(payload.view()).u8(0x80);
    return nal.take();
}

}  // namespace

class H264Test : public QObject {
    Q_OBJECT
private slots:
    void configurationOfAnEncoderIsRead() {
        const auto configuration = h264::parseConfiguration(kHigh1080);
        QVERIFY(configuration.has_value());
        QCOMPARE(configuration->nalLengthSize, std::uint8_t(4));
        QCOMPARE(configuration->sequenceParameterSets.size(), std::size_t(1));
        QCOMPARE(configuration->pictureParameterSets.size(), std::size_t(1));
        QCOMPARE(h264::codecString(*configuration), std::string("avc1.640028"));
        QCOMPARE(h264::codecString(*h264::parseConfiguration(kBaseline)), std::string("avc1.42c01f"));
    }
    void whatIsReadIsWrittenBackByteForByte() {
        for (const Bytes& record : {kHigh1080, kInterlacedHlg, kBaseline, kPqHrd})
            QVERIFY(h264::serialize(*h264::parseConfiguration(record)) == record);
    }
    void aRecordCutAnywhereIsRefused() {
        for (std::size_t size = 0; size < kHigh1080.size() - 4; ++size)
            QVERIFY(!h264::parseConfiguration(ByteView(kHigh1080).first(size)));
        Bytes version = kHigh1080;
        version[0] = 0;
        QVERIFY(!h264::parseConfiguration(version));
    }
    void sequenceParametersOfHigh1080() {
        const auto sps = spsOf(kHigh1080);
        QCOMPARE(sps.width, 1920u);
        QCOMPARE(sps.height, 1080u);
        QVERIFY((sps.frameRate == Rational{30000, 1001}));
        QVERIFY(!sps.isInterlaced && !sps.isFullRange && !sps.isHdr());
        QCOMPARE(sps.colourPrimaries, std::uint8_t(1));
        QCOMPARE(sps.transferCharacteristics, std::uint8_t(1));
        QCOMPARE(sps.matrixCoefficients, std::uint8_t(1));
        QCOMPARE(sps.bitDepth, std::uint8_t(8));
        QCOMPARE(sps.chromaFormat, std::uint8_t(1));
        QVERIFY(sps.maxReorderFrames == 2u);
    }
    void sequenceParametersOfInterlacedTenBitHlg() {
        const auto sps = spsOf(kInterlacedHlg);
        QCOMPARE(sps.width, 1920u);
        QCOMPARE(sps.height, 1080u);
        QVERIFY(sps.isInterlaced && sps.isFullRange && sps.isHdr());
        QCOMPARE(sps.transferCharacteristics, std::uint8_t(18));
        QCOMPARE(sps.colourPrimaries, std::uint8_t(9));
        QCOMPARE(sps.bitDepth, std::uint8_t(10));
        QCOMPARE(sps.chromaFormat, std::uint8_t(2));
        QVERIFY((sps.sampleAspectRatio == Rational{4, 3}));
        QVERIFY((sps.frameRate == Rational{25, 1}));
    }
    void picturesThatCannotBeDecodedAreRefused() {
        const auto largest = h264::parseSps(spsOfSize(8192 / 16, 4352 / 16));
        QCOMPARE(largest->width, 8192u);
        QCOMPARE(largest->height, 4352u);
        for (const auto& [width, height] : {std::pair{513u, 272u}, {512u, 273u}, {1024u, 1024u}, {2048u, 16u}}) {
            const auto sps = h264::parseSps(spsOfSize(width, height));
            QVERIFY(!sps);
            QVERIFY(sps.error().code == ErrorCode::Unsupported);
        }
    }
    void oddSizesComeOutCropped() {
        const auto sps = spsOf(kBaseline);
        QCOMPARE(sps.width, 854u);
        QCOMPARE(sps.height, 482u);
        QVERIFY((sps.frameRate == Rational{50, 1}));
        QVERIFY(sps.maxReorderFrames == 0u);
    }
    void hrdParametersAreStepedOver() {
        const auto sps = spsOf(kPqHrd);
        QCOMPARE(sps.width, 640u);
        QVERIFY((sps.frameRate == Rational{24000, 1001}));
        QCOMPARE(sps.transferCharacteristics, std::uint8_t(16));
        QVERIFY(sps.maxReorderFrames.has_value());
    }
    void anSpsCutAnywhereIsRefusedOrLosesItsVui() {
        const Bytes sps = h264::parseConfiguration(kHigh1080)->sequenceParameterSets.front();
        int withSize = 0;
        for (std::size_t size = 0; size < sps.size(); ++size) {
            const auto parsed = h264::parseSps(ByteView(sps).first(size));
            if (!parsed) continue;
            ++withSize;
            QCOMPARE(parsed->width, 1920u);
            QVERIFY(!parsed->frameRate || *parsed->frameRate == (Rational{30000, 1001}));
        }
        QVERIFY(withSize > 0);
    }
    void extradataOfAnEncoderBecomesAConfiguration() {
        const auto record = h264::configurationFromAnnexB(annexBOf(kHigh1080));
        QVERIFY(record.has_value());
        QVERIFY(*record == kHigh1080);
        QVERIFY(!h264::configurationFromAnnexB(ByteView()));
        QVERIFY(!h264::configurationFromAnnexB(Bytes{0, 0, 1, 0x67, 1, 2, 3, 0, 0, 1}));
    }
    void annexBIsSplitIntoItsNalUnits() {
        const Bytes stream{7, 7, 0, 0, 0, 1, 9, 0x10, 0, 0, 1, 0x65, 1, 0, 2, 0, 0, 0, 0, 1, 0, 0, 1};
        const auto nals = h264::splitAnnexB(stream);
        QCOMPARE(nals.size(), std::size_t(2));
        QVERIFY(std::ranges::equal(nals[0], Bytes{9, 0x10}));
        QVERIFY(std::ranges::equal(nals[1], Bytes{0x65, 1, 0, 2}));
    }
    void aLengthPastTheEndEndsTheWalk() {
        const Bytes sample = sampleOf({{0x41, 1}, {}, {0x65}});
        h264::NalReader nals(sample);
        QVERIFY(nals.next().has_value());
        QVERIFY(nals.next().has_value());  // the empty one is skipped
        QVERIFY(!nals.next().has_value());
        QVERIFY(!nals.failed());
        Bytes broken = sample;
        broken[3] = 200;
        h264::NalReader over(broken);
        QVERIFY(!over.next().has_value());
        QVERIFY(over.failed());
        h264::NalReader shortLength(ByteView(sample).first(3));
        QVERIFY(!shortLength.next().has_value());
        QVERIFY(shortLength.failed());
    }
    void lengthsOfAnySizeBecomeFourBytes() {
        const std::vector<Bytes> nals{{0x41, 1, 2}, {0x65}};
        for (std::size_t size : {1, 2, 3, 4})
            QVERIFY(*h264::withFourByteLengths(sampleOf(nals, size), size) == sampleOf(nals));
        QVERIFY(!h264::withFourByteLengths(Bytes{0, 9, 1}, 2));
        QVERIFY(!h264::withFourByteLengths(Bytes{0, 0}, 2));
        QVERIFY(!h264::withFourByteLengths(ByteView(), 4));
    }
    void captionsAreFoundAndTheirPaddingToo() {
        QVERIFY(h264::containsCaptions(sampleOf({captionSei({{0xFC, 0x94, 0x2C}}), {0x65}})));
        QVERIFY(h264::containsCaptions(sampleOf({captionSei({{0xFC, 0x80, 0x80}, {0xFF, 0x02, 0x21}})})));
        QVERIFY(h264::containsCaptions(sampleOf({captionSei({{0xFC, 0x80, 0x80}, {0xFD, 0x80, 0x80}})})));
        QVERIFY(h264::containsCaptions(sampleOf({captionSei({{0xF8, 0x80, 0x80}, {0xFA, 0, 0}})})));
        QVERIFY(!h264::containsCaptions(sampleOf({captionSei({})})));
        Bytes unprocessed = captionSei({{0xFC, 0x94, 0x2C}});
        QCOMPARE(unprocessed[15], std::uint8_t(0x41));
        unprocessed[15] = 0x01;  // without process_cc_data_flag
        QVERIFY(!h264::containsCaptions(sampleOf({unprocessed})));
        QVERIFY(!h264::containsCaptions(sampleOf({{0x65, 1}})));
        const Bytes sei = captionSei({{0xFC, 0x94, 0x2C}});
        for (std::size_t size = 1; size < 17; ++size)
            QVERIFY(!h264::containsCaptions(sampleOf({Bytes(sei.begin(), sei.begin() + long(size))})));
    }
    void emulationPreventionIsRemoved() {
        QVERIFY((h264::unescape(Bytes{0x67, 0, 0, 3, 1, 0, 0, 3, 0, 0, 3}) == Bytes{0x67, 0, 0, 1, 0, 0, 0, 0}));
    }
};
LIVE_TEST(H264Test)

#include "h264_test.moc"
