#include "server/control/router.h"

#include <algorithm>

#include "server/control/answers.h"
#include "server/control/tokens.h"

namespace live::control {

namespace {

std::string_view takeSegment(std::string_view& rest) {
    rest.remove_prefix(1);
    const std::string_view segment = rest.substr(0, rest.find('/'));
    rest.remove_prefix(segment.size());
    return segment;
}

std::optional<std::vector<std::string>> match(std::string_view pattern, const std::vector<std::string>& path) {
    std::vector<std::string> captured;
    for (const std::string& segment : path) {
        if (pattern.empty()) return std::nullopt;
        const std::string_view expected = takeSegment(pattern);
        if (expected.starts_with('{') && !segment.empty())
            captured.push_back(segment);
        else if (expected != segment)
            return std::nullopt;
    }
    if (!pattern.empty()) return std::nullopt;
    return captured;
}

front::Response unauthorized(const front::Request& request) {
    const bool hadToken = bearerToken(request).has_value();
    const std::string where = "; the first one is in admin.token in the state directory";
    front::Response response =
        answerProblem({401, "unauthorized",
                       hadToken ? "The token is not known here" + where
                                : "A token is needed: send 'Authorization: Bearer <token>'" + where});
    response.headers.push_back({"WWW-Authenticate", hadToken ? R"(Bearer realm="liveserver", error="invalid_token")"
                                                             : R"(Bearer realm="liveserver")"});
    return response;
}

front::Response nothingThere(const front::Request& request) {
    const bool hasGap = request.path.size() > 1 && std::ranges::find(request.path, "") != request.path.end();
    return answerProblem(
        {404, "not_found",
         std::string(hasGap ? "A part of this path is empty, perhaps the id" : "There is nothing at this path") +
             "; /openapi.yaml lists what there is"});
}

}  // namespace

void Router::add(Route route) { m_routes.push_back(std::move(route)); }

QFuture<front::Response> Router::answer(front::Request request) const {
    auto match = find(request);
    if (!match) return ready(std::move(match).error());
    return match->route->answer({std::move(request), std::move(match->captured)});
}

std::optional<front::Response> Router::refusal(const front::Request& head) const {
    auto match = find(head);
    if (!match) return std::move(match).error();
    if (match->route->access == Access::Token) return std::nullopt;
    return answerProblem({413, "too_large", "Nothing is read here; send the request without a body"});
}

std::expected<Router::Match, front::Response> Router::find(const front::Request& request) const {
    const bool isBelowApi = !request.path.empty() && request.path.front() == "api";
    if (isBelowApi && !m_mayCall(Access::Token, request)) return std::unexpected(unauthorized(request));
    const std::string_view method = request.method == "HEAD" ? "GET" : std::string_view(request.method);
    std::string allowed;
    for (const Route& route : m_routes) {
        auto captured = match(route.pattern, request.path);
        if (!captured) continue;
        if (route.method == method) {
            if (!m_mayCall(route.access, request)) return std::unexpected(unauthorized(request));
            return Match{&route, *std::move(captured)};
        }
        allowed += (allowed.empty() ? "" : ", ") + route.method + (route.method == "GET" ? ", HEAD" : "");
    }
    if (allowed.empty()) return std::unexpected(nothingThere(request));
    front::Response response = answerProblem(
        {405, "method_not_allowed", request.method.substr(0, 32) + " does nothing here; accepted are " + allowed});
    response.headers.push_back({"Allow", allowed});
    return std::unexpected(std::move(response));
}

}  // namespace live::control
