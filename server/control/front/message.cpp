#include "server/control/front/message.h"

#include <algorithm>

#include "common/api/json.h"
#include "common/api/problem.h"

namespace live::control::front {

std::optional<std::string_view> Request::header(std::string_view name) const {
    const auto found = std::ranges::find(headers, name, &Header::name);
    if (found == headers.end()) return std::nullopt;
    return found->value;
}

Response problemResponse(int status, std::string_view code, std::string_view detail) {
    const api::Problem problem{.status = status, .code = std::string(code), .detail = std::string(detail)};
    return {.status = status, .contentType = "application/problem+json", .body = api::toBytes(api::toJson(problem))};
}

}  // namespace live::control::front
