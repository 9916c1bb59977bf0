// What a restarted server reads from its mirror, and what a worker sends: fragments, inits, samples.
#include "server/package/cmaf/avc_sample.h"
#include "server/package/cmaf/fragment.h"
#include "server/package/cmaf/init.h"

using namespace live;
using namespace live::package::cmaf;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const Buffer bytes = Buffer::copyOf(ByteView(data, size));
    if (const auto content = readFragment(bytes)) {
        // What was read is inside, and written again it has the same samples.
        std::size_t total = 0;
        for (const Sample& sample : content->samples) {
            LIVE_ASSERT(sample.data.empty() || (sample.data.data() >= bytes.data() &&
                                                sample.data.data() + sample.data.size() <= bytes.data() + size));
            total += sample.data.size();
        }
        LIVE_ASSERT(total < size);
    }
    const store::Init init{"init.mp4", bytes};
    for (const auto kind : {media::MediaKind::Video, media::MediaKind::Audio})
        if (const auto configuration = configurationOf(init, kind)) LIVE_ASSERT(configuration->size() < size);
    if (const auto sample = avcSample(bytes, {})) LIVE_ASSERT(sample->data.size() <= size);
    return 0;
}
