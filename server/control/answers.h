// Small steps between handlers and the wire: bodies in, documents out.
#pragma once

#include <QFuture>
#include <QJsonObject>
#include <string_view>

#include "common/api/problem.h"
#include "server/control/front/message.h"

namespace live::control {

inline QFuture<front::Response> ready(front::Response response) {
    return QtFuture::makeReadyFuture(std::move(response));
}

// Both: 503 carries Retry-After.
front::Response answerJson(int status, const QJsonObject& json);
front::Response answerProblem(const api::Problem& problem);
front::Response answerNothing();  // 204

enum class BodyType : std::uint8_t {
    Json,
    MergePatch
};  // MergePatch: application/merge-patch+json or application/json

// The JSON object in the body. 415 for another media type, 400 for what is not JSON. No body at all is an empty object.
api::Outcome<QJsonObject> bodyObject(const front::Request& request, BodyType type);

// `convert` of the value, or the problem.
template <class T, class Convert>
QFuture<front::Response> answerWith(QFuture<api::Outcome<T>> outcome, Convert convert) {
    return outcome.then([convert = std::move(convert)](const api::Outcome<T>& result) {
        if (!result) return answerProblem(result.error());
        if constexpr (std::is_void_v<T>)
            return convert();
        else
            return convert(*result);
    });
}

}  // namespace live::control
