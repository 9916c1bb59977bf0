#include "common/api/problem.h"

#include <QJsonArray>
#include <algorithm>
#include <array>
#include <utility>

#include "common/api/json.h"

namespace live::api {

namespace {
constexpr std::size_t kMostNamed = 5;  // wrong values in the sentence; `errors` has all
}

QJsonObject toJson(const Problem& problem) {
    QJsonObject json{{"type", "about:blank"},
                     {"title", toText(reasonPhrase(problem.status))},
                     {"status", problem.status},
                     {"code", toText(problem.code)},
                     {"detail", toText(problem.detail)}};
    if (problem.errors.empty()) return json;
    QJsonArray errors;
    for (const FieldError& error : problem.errors) {
        const bool isQuery = error.pointer.starts_with('?');
        errors.append(QJsonObject{{isQuery ? "parameter" : "pointer", toText(error.pointer.substr(isQuery ? 1 : 0))},
                                  {"detail", toText(error.detail)}});
    }
    json.insert("errors", errors);
    return json;
}

Problem invalid(std::vector<FieldError> errors) {
    std::string detail = errors.size() == 1 ? "One value is not accepted" : "Some values are not accepted";
    for (std::size_t i = 0; i < std::min(errors.size(), kMostNamed); ++i)
        detail += (i == 0 ? ": " : "; ") + errors[i].detail;
    if (errors.size() > kMostNamed) detail += "; and " + std::to_string(errors.size() - kMostNamed) + " more";
    return {.status = 422, .code = "invalid_value", .detail = std::move(detail), .errors = std::move(errors)};
}

Problem problemFor(const Error& error) {
    switch (error.code) {
        case ErrorCode::NotFound: return {404, "not_found", error.message};
        case ErrorCode::Conflict: return {409, "conflict", error.message};
        case ErrorCode::TooLarge: return {413, "too_large", error.message};
        case ErrorCode::InvalidArgument:
        case ErrorCode::Unsupported: return {422, "invalid_value", error.message};
        case ErrorCode::Overloaded: return {503, "overloaded", "The server has too much to do; try again later"};
        case ErrorCode::Unavailable:
        case ErrorCode::Timeout:
        case ErrorCode::Cancelled:
            return {503, "unavailable", "What this needs is away now (live streams go on); try again later"};
        case ErrorCode::Io:
            return {503, "storage_failed",
                    "The server can't store this (live streams go on); its log says why, and somebody has to act"};
        default: return {500, "internal", "The server failed; its log says why"};
    }
}

std::string_view reasonPhrase(int status) {
    static constexpr std::array<std::pair<int, std::string_view>, 18> kPhrases{
        {{200, "OK"},
         {201, "Created"},
         {204, "No Content"},
         {400, "Bad Request"},
         {401, "Unauthorized"},
         {404, "Not Found"},
         {405, "Method Not Allowed"},
         {408, "Request Timeout"},
         {409, "Conflict"},
         {413, "Content Too Large"},
         {415, "Unsupported Media Type"},
         {417, "Expectation Failed"},
         {422, "Unprocessable Content"},
         {431, "Request Header Fields Too Large"},
         {500, "Internal Server Error"},
         {501, "Not Implemented"},
         {503, "Service Unavailable"},
         {505, "HTTP Version Not Supported"}}};
    for (const auto& [code, phrase] : kPhrases)
        if (code == status) return phrase;
    return {};
}

}  // namespace live::api
