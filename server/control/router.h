// Method and path → the function that answers.
#pragma once

#include <QFuture>
#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/control/front/message.h"

namespace live::control {

// Who may call: anybody; anybody on this machine who calls it by a name of ours, and everybody with a
// token; only who has a token.
enum class Access : std::uint8_t { Open, LocalOrToken, Token };

// A request and the values of the {…} segments of its route, in order.
struct Call {
    front::Request request;
    std::vector<std::string> captured;
};

struct Route {
    std::string method;
    std::string pattern;  // "/api/v1/streams/{id}/stop"
    Access access = Access::Token;
    std::function<QFuture<front::Response>(const Call&)> answer;
};

// Qt main thread. Does not know what a token is: `mayCall` decides. A route's answer may be a 4xx as well; what comes
// from here is 401, 404 and 405 with Allow. HEAD is answered where GET is. Everything below /api asks for a token
// first, so that without one nobody learns which paths exist.
class Router {
public:
    using MayCall = std::function<bool(Access, const front::Request&)>;
    explicit Router(MayCall mayCall) : m_mayCall(std::move(mayCall)) {}

    void add(Route route);
    QFuture<front::Response> answer(front::Request request) const;
    // What a request with a body is answered before the body is read: a 401, 404 or 405, and 413 where no token was
    // asked for, so that only who has one has bodies kept here.
    std::optional<front::Response> refusal(const front::Request& head) const;
    const std::vector<Route>& routes() const { return m_routes; }

private:
    struct Match {
        const Route* route;
        std::vector<std::string> captured;
    };
    std::expected<Match, front::Response> find(const front::Request& request) const;

    MayCall m_mayCall;
    std::vector<Route> m_routes;
};

}  // namespace live::control
