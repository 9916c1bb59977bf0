// AMF0: what can be decoded can be encoded and decoded to the same.
#include "server/ingest/rtmp/amf0.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace live;
    using namespace live::ingest::rtmp;
    const auto values = amf0::decode({data, size});
    if (!values) return 0;
    ByteWriter written;
    for (const auto& value : *values) amf0::encode(value, written);
    const auto again = amf0::decode(written.view());
    LIVE_ASSERT(again && again->size() == values->size());
    ByteWriter twice;
    for (const auto& value : *again) amf0::encode(value, twice);
    LIVE_ASSERT(std::ranges::equal(written.view(), twice.view()));
    return 0;
}
