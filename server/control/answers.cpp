#include "server/control/answers.h"

#include <algorithm>

#include "common/api/json.h"

namespace live::control {

namespace {

constexpr std::string_view kRetryAfter = "2";  // seconds; the catalog's queue is empty long before

// "application/json" of "Application/JSON; charset=utf-8".
std::string mediaType(std::string_view contentType) {
    std::string type(contentType.substr(0, contentType.find_first_of("; \t")));
    std::ranges::transform(type, type.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
    return type;
}

front::Response document(int status, const char* contentType, const QJsonObject& json) {
    // Answers may hold keys, and are out of date at once.
    front::Response response{.status = status,
                             .contentType = contentType,
                             .body = api::toBytes(json),
                             .headers = {{"Cache-Control", "no-store"}}};
    if (status == 503) response.headers.push_back({"Retry-After", std::string(kRetryAfter)});
    return response;
}

}  // namespace

front::Response answerJson(int status, const QJsonObject& json) { return document(status, "application/json", json); }

front::Response answerNothing() { return {.status = 204, .contentType = {}, .body = {}}; }

front::Response answerProblem(const api::Problem& problem) {
    return document(problem.status, "application/problem+json", api::toJson(problem));
}

api::Outcome<QJsonObject> bodyObject(const front::Request& request, BodyType type) {
    if (request.body.empty()) return QJsonObject();
    const std::string given = mediaType(request.header("content-type").value_or(""));
    const bool isAccepted =
        given == "application/json" || (type == BodyType::MergePatch && given == "application/merge-patch+json");
    if (!isAccepted)
        return std::unexpected(api::Problem{
            415, "media_type",
            type == BodyType::Json ? "Send Content-Type: application/json"
                                   : "Send Content-Type: application/merge-patch+json or application/json"});
    return api::parseObject(request.body);
}

}  // namespace live::control
