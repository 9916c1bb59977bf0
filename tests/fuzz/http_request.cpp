// A request head comes out the same whether it arrives whole or byte by byte, lies within the bounds, and can be
// interpreted.
#include "server/origin/http_request.h"

#include "common/base/bytes.h"
#include "common/base/error.h"
#include "server/origin/front.h"

using namespace live::origin;

namespace {
bool lies(std::string_view part, std::string_view whole) {
    return part.empty() || (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

void checkComplete(const RequestParser::Complete& complete, std::string_view received) {
    const std::string_view head = received.substr(0, complete.consumed);
    LIVE_ASSERT(complete.consumed <= kMaxHeadBytes && head.ends_with("\r\n\r\n"));
    for (const auto part : {complete.head.path, complete.head.query, complete.head.host, complete.head.range,
                            complete.head.ifRange, complete.head.ifNoneMatch})
        LIVE_ASSERT(lies(part, head) || part == "/");
    const auto result = interpret(complete.head, {});
    if (const auto* response = std::get_if<ResponsePtr>(&result)) LIVE_ASSERT(*response && (*response)->status >= 200);
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view received = live::asText({data, size});
    RequestParser whole;
    const auto expected = whole.parse(received);
    if (const auto* complete = std::get_if<RequestParser::Complete>(&expected)) checkComplete(*complete, received);
    if (size > 4096) return 0;

    RequestParser trickled;
    RequestParser::Outcome outcome = RequestParser::NeedMore{};
    for (std::size_t count = 0; count <= size && std::holds_alternative<RequestParser::NeedMore>(outcome); ++count)
        outcome = trickled.parse(received.substr(0, count));
    const auto* first = std::get_if<RequestParser::Complete>(&expected);
    const auto* second = std::get_if<RequestParser::Complete>(&outcome);
    LIVE_ASSERT((first != nullptr) == (second != nullptr));
    if (first) LIVE_ASSERT(first->consumed == second->consumed && first->head.path == second->head.path);
    return 0;
}
