// H.264: configuration records, parameter sets, annex B, length-prefixed samples, captions.
#include "common/base/error.h"
#include "server/media/h264.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace live;
    using namespace live::media;
    const ByteView input(data, size);
    if (const auto configuration = h264::parseConfiguration(input)) {
        for (const Bytes& sps : configuration->sequenceParameterSets) static_cast<void>(h264::parseSps(sps));
        const Bytes written = h264::serialize(*configuration);
        const auto again = h264::parseConfiguration(written);
        LIVE_ASSERT(again && again->sequenceParameterSets == configuration->sequenceParameterSets);
    }
    if (const auto sps = h264::parseSps(input)) {
        LIVE_ASSERT(sps->width > 0 && sps->width <= 16384 && sps->height > 0 && sps->height <= 16384);
        LIVE_ASSERT(!sps->frameRate || (sps->frameRate->numerator > 0 && sps->frameRate->denominator > 0));
    }
    if (const auto record = h264::configurationFromAnnexB(input)) LIVE_ASSERT(h264::parseConfiguration(*record));
    ByteWriter writer;
    for (const ByteView nal : h264::splitAnnexB(input)) writer.u32(nal.size()).bytes(nal);
    const Bytes sample = writer.take();
    static_cast<void>(h264::containsIdr(sample));
    static_cast<void>(h264::containsCaptions(sample));
    static_cast<void>(h264::containsCaptions(input));
    for (std::size_t lengthSize = 1; lengthSize <= 4; ++lengthSize) {
        if (const auto normal = h264::withFourByteLengths(input, lengthSize)) {
            h264::NalReader nals(*normal);
            while (nals.next()) continue;
            LIVE_ASSERT(!nals.failed());
        }
    }
    return 0;
}
