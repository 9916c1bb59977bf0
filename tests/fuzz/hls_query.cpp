// Any query either is refused or gives directives that parse to themselves again.
#include "server/origin/hls_query.h"

#include "common/base/bytes.h"

using live::origin::HlsQuery;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto parsed = HlsQuery::parse(live::asText({data, size}));
    if (!parsed) return 0;
    LIVE_ASSERT(!parsed->part || parsed->msn);
    std::string again;
    if (parsed->wantsDelta) again += "_HLS_skip=YES&";
    if (parsed->part) again += "_HLS_part=" + std::to_string(*parsed->part) + '&';
    if (parsed->msn) again += "_HLS_msn=" + std::to_string(*parsed->msn);
    const auto second = HlsQuery::parse(again);
    LIVE_ASSERT(second && *second == *parsed);
    return 0;
}
