// Commit logs from damaged disks. What is accepted must encode to exactly the bytes it came from; the checksums that a
// fuzzer cannot guess are put in for it.
#include <algorithm>
#include <cstdlib>

#include "server/media/plan_codec.h"
#include "server/store/mirror_log.h"

using namespace live;
using namespace live::store;

namespace {

Bytes withChecksum(ByteView body) {
    ByteWriter writer;
    writer.bytes(body).u32(crc32Of(body));
    return writer.take();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView input(data, size);
    (void)decodeLogHeader(input);
    if (const auto plan = media::decodePlan(input))
        if (!std::ranges::equal(media::encode(*plan), input)) std::abort();
    const Bytes log = withChecksum(input);
    if (const auto header = decodeLogHeader(log))
        if (!std::ranges::equal(encodeLogHeader(header->plan), ByteView(log).first(header->size))) std::abort();
    for (std::size_t renditions = 0; renditions < 4; ++renditions) {
        const Bytes bytes = withChecksum(input.first(std::min(size, commitRecordBytes(renditions) - 4)));
        (void)decodeCommitRecord(bytes, renditions);
    }
    return 0;
}
