// Bytes of an API client: the same bytes give the same requests however they are cut, and no request is over its
// bounds.
#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/error.h"
#include "server/control/front/request_parser.h"

using namespace live::control::front;

namespace {

constexpr ParserLimits kLimits{.headBytes = 512, .bodyBytes = 256};

// A line for each request, and how it ended.
std::vector<std::string> parse(std::string_view bytes, std::size_t step) {
    RequestParser parser(kLimits);
    std::vector<std::string> seen;
    while (!bytes.empty() && parser.stage() != RequestParser::Stage::Failed) {
        parser.feed(bytes.substr(0, step));
        bytes.remove_prefix(std::min(step, bytes.size()));
        while (parser.stage() == RequestParser::Stage::Complete) {
            const Request request = parser.take();
            LIVE_ASSERT(request.body.size() <= kLimits.bodyBytes && request.query.size() <= 32);
            std::string line = request.method;
            for (const std::string& segment : request.path) {
                LIVE_ASSERT(segment != ".." && segment.find('/') == std::string::npos);
                line += "/" + segment;
            }
            seen.push_back(line + " " + request.body);
        }
    }
    if (parser.stage() == RequestParser::Stage::Failed) LIVE_ASSERT(parser.failure().status >= 400);
    return seen;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const auto whole = parse(bytes, bytes.size());
    // What is over a limit may be found one request later when more arrives at once, never earlier.
    const auto cut = parse(bytes, 7);
    for (std::size_t i = 0; i < std::min(whole.size(), cut.size()); ++i) LIVE_ASSERT(whole[i] == cut[i]);
    return 0;
}
