// Whatever a Range header says, the slice lies within the representation and is not empty. The first two bytes are the
// length.
#include "server/origin/byte_range.h"

#include "common/base/bytes.h"
#include "common/base/error.h"

using live::origin::ByteRange;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    live::ByteReader reader({data, size});
    const std::uint64_t length = reader.u16();
    const auto range = ByteRange::parse(live::asText(reader.rest()));
    if (!range) return 0;
    const auto resolved = range->resolve(length);
    const auto* slice = std::get_if<ByteRange::Slice>(&resolved);
    if (!slice) return 0;
    LIVE_ASSERT(slice->count > 0 && slice->offset < length && slice->count <= length - slice->offset);
    return 0;
}
