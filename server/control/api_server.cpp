#include "server/control/api_server.h"

#include "server/control/host_names.h"
#include "server/control/stream_routes.h"

namespace live::control {

namespace {
std::string pathText(const front::Request& request) {
    std::string path;
    for (const std::string& segment : request.path) path += "/" + segment;
    return path;
}
}  // namespace

Result<std::unique_ptr<ApiServer>> ApiServer::create(ApiDependencies dependencies) {
    FileDescriptor listening = std::move(dependencies.listening);
    std::unique_ptr<ApiServer> server(new ApiServer(std::move(dependencies)));
    server->m_front = LIVE_TRY(front::Front::create(
        std::move(listening), server->m_dependencies.limits,
        {.answer = [api = server.get()](front::Request request) { return api->answer(std::move(request)); },
         .admit = [api = server.get()](const front::Request& head) { return api->admit(head); }},
        server->m_dependencies.clock));
    return server;
}

ApiServer::ApiServer(ApiDependencies dependencies)
    : m_dependencies(std::move(dependencies)),
      m_ownNames{hostOf(m_dependencies.urls.rtmp), hostOf(m_dependencies.urls.http)},
      m_router([this](Access access, const front::Request& request) { return mayCall(access, request); }),
      m_catalog(m_loop, m_dependencies.store, m_dependencies.plane, m_dependencies.clock, m_dependencies.defaults,
                m_dependencies.logger, m_dependencies.retryInterval) {
    StreamRoutes{m_catalog, m_dependencies.plane, m_dependencies.urls}.addTo(m_router);
    SystemRoutes{m_dependencies.metrics, [this] { return readiness(); }}.addTo(m_router);
}

QFuture<Result<void>> ApiServer::start() {
    return loadTokens(m_loop, m_dependencies.store, m_dependencies.stateDirectory, m_dependencies.logger)
        .then([this](const Result<Tokens>& tokens) {
            if (!tokens) return readyFuture<Result<void>>(std::unexpected(tokens.error()));
            m_tokens = *tokens;
            return m_catalog.load();
        })
        .unwrap();
}

QFuture<void> ApiServer::shutDown(std::chrono::milliseconds grace) { return m_front->shutDown(grace); }

ReadyReport ApiServer::readiness() const {
    ReadyReport report = m_dependencies.readiness();
    report.checks.push_back(m_catalog.health().check());
    return report;
}

bool ApiServer::mayCall(Access access, const front::Request& request) const {
    switch (access) {
        case Access::Open: return true;
        case Access::LocalOrToken:
            return (request.isFromLoopback && isOwnHost(request.header("host").value_or(""), m_ownNames)) ||
                   m_tokens.accept(request);
        case Access::Token: return m_tokens.accept(request);
    }
    return false;
}

QFuture<front::Response> ApiServer::answer(front::Request request) {
    const BootTime begin = m_dependencies.clock.boot();
    const std::string method = request.method, path = pathText(request);
    return m_router.answer(std::move(request)).then([this, method, path, begin](const front::Response& response) {
        logAnswer(method, path, begin, response);
        return response;
    });
}

std::optional<front::Response> ApiServer::admit(const front::Request& head) const {
    auto refusal = m_router.refusal(head);
    if (refusal) logAnswer(head.method, pathText(head), m_dependencies.clock.boot(), *refusal);
    return refusal;
}

void ApiServer::logAnswer(const std::string& method, const std::string& path, BootTime begin,
                          const front::Response& response) const {
    const auto took = std::chrono::duration<double, std::milli>(m_dependencies.clock.boot() - begin);
    const auto level = response.status >= 500 ? log::Level::Warning : log::Level::Debug;
    m_dependencies.logger.write(
        level, "api.request",
        {{"method", method}, {"path", path}, {"status", response.status}, {"duration_ms", took.count()}});
}

}  // namespace live::control
