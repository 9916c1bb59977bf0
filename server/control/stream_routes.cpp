#include "server/control/stream_routes.h"

#include "common/api/json.h"
#include "server/control/answers.h"
#include "server/control/convert/stats_json.h"
#include "server/control/stream_query.h"

namespace live::control {

namespace {

using Answer = QFuture<front::Response>;

Answer refused(const api::Problem& problem) { return ready(answerProblem(problem)); }

Answer unknownStream(const std::string& id) {
    return refused({404, "not_found", "There is no stream '" + id.substr(0, 64) + "'"});
}

// A handler that is called only if the stream of the path exists.
template <class Handler>
auto forStream(const StreamRoutes& routes, Handler handler) {
    return [routes, handler](const Call& call) -> Answer {
        const Stream* stream = routes.catalog.find(call.captured.front());
        return stream ? handler(routes, *stream, call) : unknownStream(call.captured.front());
    };
}

QJsonObject describe(const StreamRoutes& routes, const Stream& stream) {
    return api::toJson(stream, routes.catalog.state(stream.id), routes.urls, routes.catalog.now());
}

Answer listStreams(const StreamRoutes& routes, const Call& call) {
    const api::Outcome<StreamQuery> query = parseStreamQuery(call.request.query);
    if (!query) return refused(query.error());
    const StreamList page = routes.catalog.list(*query);
    QJsonArray items;
    for (const Stream* stream : page.streams) items.append(describe(routes, *stream));
    return ready(answerJson(
        200,
        {{"items", items}, {"next_cursor", page.next.empty() ? QJsonValue() : QJsonValue(api::toText(page.next))}}));
}

Answer createStream(const StreamRoutes& routes, const Call& call) {
    const auto body = bodyObject(call.request, BodyType::Json);
    if (!body) return refused(body.error());
    const auto draft = api::parseCreateStream(*body, routes.catalog.defaults());
    if (!draft) return refused(draft.error());
    return answerWith(routes.catalog.create(*draft), [routes](const CreatedStream& created) {
        const StreamId& id = created.stream.id;
        front::Response response =
            answerJson(201, api::createdJson(created.stream, created.key, routes.catalog.state(id), routes.urls));
        response.headers.push_back({"Location", "/api/v1/streams/" + id.text()});
        return response;
    });
}

Answer showStream(const StreamRoutes& routes, const Stream& stream, const Call&) {
    return ready(answerJson(200, describe(routes, stream)));
}

Answer patchStream(const StreamRoutes& routes, const Stream& stream, const Call& call) {
    const auto body = bodyObject(call.request, BodyType::MergePatch);
    if (!body) return refused(body.error());
    return answerWith(routes.catalog.patch(stream.id, *body),
                      [routes](const Stream& changed) { return answerJson(200, describe(routes, changed)); });
}

Answer removeStream(const StreamRoutes& routes, const Stream& stream, const Call&) {
    return answerWith(routes.catalog.remove(stream.id), answerNothing);
}

Answer issueKey(const StreamRoutes& routes, const Stream& stream, const Call& call) {
    const auto body = bodyObject(call.request, BodyType::Json);
    if (!body) return refused(body.error());
    const auto role = api::parseCreateKey(*body);
    if (!role) return refused(role.error());
    return answerWith(routes.catalog.issueKey(stream.id, *role),
                      [routes](const api::IssuedKey& key) { return answerJson(201, api::toJson(key, routes.urls)); });
}

Answer revokeKey(const StreamRoutes& routes, const Stream& stream, const Call& call) {
    return answerWith(routes.catalog.revokeKey(stream.id, call.captured.back()), answerNothing);
}

Answer showStats(const StreamRoutes& routes, const Stream& stream, const Call&) {
    return ready(answerJson(200, toJson(*routes.plane.stats(stream.id))));
}

Answer stopBroadcast(const StreamRoutes& routes, const Stream& stream, const Call& call) {
    const auto body = bodyObject(call.request, BodyType::Json);
    if (!body) return refused(body.error());
    const auto hold = api::parseStop(*body, routes.catalog.defaults());
    if (!hold) return refused(hold.error());
    return answerWith(routes.catalog.stop(stream.id, *hold), answerNothing);
}

}  // namespace

void StreamRoutes::addTo(Router& router) const {
    const std::string streams = "/api/v1/streams", one = streams + "/{stream_id}";
    const auto add = [&](const char* method, const std::string& pattern, auto handler) {
        router.add({.method = method, .pattern = pattern, .answer = std::move(handler)});
    };
    add("GET", streams, [routes = *this](const Call& call) { return listStreams(routes, call); });
    add("POST", streams, [routes = *this](const Call& call) { return createStream(routes, call); });
    add("GET", one, forStream(*this, showStream));
    add("PATCH", one, forStream(*this, patchStream));
    add("DELETE", one, forStream(*this, removeStream));
    add("POST", one + "/keys", forStream(*this, issueKey));
    add("DELETE", one + "/keys/{key_id}", forStream(*this, revokeKey));
    add("GET", one + "/stats", forStream(*this, showStats));
    add("POST", one + "/stop", forStream(*this, stopBroadcast));
}

}  // namespace live::control
