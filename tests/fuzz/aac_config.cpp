// AudioSpecificConfig.
#include "common/base/error.h"
#include "server/media/aac.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace live::media;
    if (const auto configuration = aac::parseConfiguration({data, size})) {
        LIVE_ASSERT(configuration->channels > 0 && configuration->sampleRate > 0);
        LIVE_ASSERT(!aac::codecString(*configuration).empty());
    }
    return 0;
}
