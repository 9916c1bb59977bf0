// Bodies of POST and PATCH: whatever they hold, they are read or refused, and what is read holds its bounds.
#include <cstdint>
#include <string_view>

#include "common/api/json.h"
#include "common/api/stream_requests.h"

using namespace live;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto body = api::parseObject({reinterpret_cast<const char*>(data), size});
    if (!body) {
        LIVE_ASSERT(body.error().status == 400);
        return 0;
    }
    if (const auto draft = api::parseCreateStream(*body)) {
        LIVE_ASSERT(validated(draft->settings));
        LIVE_ASSERT(!draft->name.empty() && draft->name.size() <= 200);
    } else {
        LIVE_ASSERT(draft.error().status == 422 && !draft.error().errors.empty());
        LIVE_ASSERT(!api::toBytes(api::toJson(draft.error())).empty());
    }
    Stream stream{.id = *StreamId::parse("show"), .name = "Show"};
    if (const auto draft = api::parseStreamPatch(stream, *body)) {
        // What was accepted is accepted again, and changes nothing more.
        stream.name = draft->name;
        stream.enabled = draft->enabled;
        stream.settings = draft->settings;
        LIVE_ASSERT(api::parseStreamPatch(stream, {}) == *draft);
    }
    if (const auto hold = api::parseStop(*body)) LIVE_ASSERT(*hold >= Seconds(0) && *hold <= Seconds(3600));
    (void)api::parseCreateKey(*body);
    return 0;
}
