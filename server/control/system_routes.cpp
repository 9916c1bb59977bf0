#include "server/control/system_routes.h"

#include <QJsonArray>
#include <algorithm>

#include "common/api/json.h"
#include "server/control/answers.h"
#include "server/control/openapi_text.h"

namespace live::control {

namespace {

front::Response answerReadiness(const ReadyReport& report) {
    QJsonArray checks;
    for (const auto& check : report.checks)
        checks.append(QJsonObject{
            {"name", api::toText(check.name)}, {"ready", check.isReady}, {"detail", api::toText(check.detail)}});
    const bool isReady = std::ranges::all_of(report.checks, &ReadyReport::Check::isReady);
    return answerJson(isReady ? 200 : 503, {{"ready", isReady}, {"checks", checks}});
}

}  // namespace

void SystemRoutes::addTo(Router& router) const {
    router.add({.method = "GET", .pattern = "/healthz", .access = Access::Open, .answer = [](const Call&) {
                    return ready(answerJson(200, {{"status", "ok"}}));
                }});
    router.add(
        {.method = "GET", .pattern = "/readyz", .access = Access::Open, .answer = [readiness = readiness](const Call&) {
             return ready(answerReadiness(readiness()));
         }});
    router.add({.method = "GET",
                .pattern = "/metrics",
                .access = Access::LocalOrToken,
                .answer = [metrics = metrics](const Call&) {
                    return ready({.contentType = "text/plain; version=0.0.4; charset=utf-8", .body = metrics()});
                }});
    router.add({.method = "GET", .pattern = "/openapi.yaml", .access = Access::Open, .answer = [](const Call&) {
                    return ready({.contentType = "application/yaml", .body = std::string(openapiText())});
                }});
}

}  // namespace live::control
