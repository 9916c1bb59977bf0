// The REST API of one server: the only thing of this folder that the daemon knows.
#pragma once

#include <QFuture>
#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/api/stream_json.h"
#include "common/base/clock.h"
#include "common/log/log.h"
#include "server/catalog/store.h"
#include "server/control/catalog_service.h"
#include "server/control/front/front.h"
#include "server/control/router.h"
#include "server/control/system_routes.h"
#include "server/control/tokens.h"
#include "server/stream/live_plane.h"

namespace live::control {

// References outlive the server.
struct ApiDependencies {
    catalog::Store& store;
    stream::LivePlane& plane;
    const Clock& clock;
    log::Logger logger = {};
    std::filesystem::path stateDirectory;  // exists and is writable; gets admin.token
    api::PublicUrls urls;
    api::StreamDefaults defaults = {};
    FileDescriptor listening;  // a socket of common/net/listening_socket.h
    front::Limits limits = {};
    std::function<std::string()> metrics;           // Prometheus text
    std::function<ReadyReport()> readiness;         // of everything but the catalog
    std::chrono::milliseconds retryInterval{5000};  // of what must be in the catalog and is not
};

// Qt main thread, which runs an event loop. Order: create(); start(), which loads the catalog and
// gives the data plane its first policy; open(), which begins to answer; shutDown(); destruction, before the store and
// the plane. Callbacks of store and plane that come later still do no harm.
class ApiServer {
public:
    // InvalidArgument for what is no listening socket.
    static Result<std::unique_ptr<ApiServer>> create(ApiDependencies dependencies);

    // An error: the catalog cannot be read, admin.token cannot be written.
    QFuture<Result<void>> start();
    // Until then clients wait in the kernel's queue.
    void open() { m_front->open(); }

    // Accepts nothing more; answers under way have `grace`, then their connections are cut. Once.
    QFuture<void> shutDown(std::chrono::milliseconds grace = std::chrono::milliseconds(2000));

    std::string endpoint() const { return m_front->endpoint(); }  // "127.0.0.1:8081"
    const std::vector<Route>& routes() const { return m_router.routes(); }
    // How a write of another part of the server went. One that failed is counted and logged, and says nothing about
    // whether this server should be asked.
    void catalogAnswered(const Result<void>& answer) { m_catalog.noteWrite(answer); }
    // Writes that the catalog could not do, for whatever reason of its own.
    std::uint64_t catalogFailures() const { return m_catalog.health().failures(); }
    // Holds, set or lifted, that the catalog has not taken yet: a restart would not know of them.
    std::size_t unstoredHolds() const { return m_catalog.unstoredHolds(); }
    // Their last chance: they are in the catalog's queue then.
    void storeHolds() { m_catalog.storeHolds(); }

private:
    explicit ApiServer(ApiDependencies dependencies);
    ReadyReport readiness() const;
    bool mayCall(Access access, const front::Request& request) const;
    QFuture<front::Response> answer(front::Request request);
    std::optional<front::Response> admit(const front::Request& head) const;
    void logAnswer(const std::string& method, const std::string& path, BootTime begin,
                   const front::Response& response) const;

    const ApiDependencies m_dependencies;
    const std::vector<std::string> m_ownNames;
    Tokens m_tokens;
    Router m_router;
    std::unique_ptr<front::Front> m_front;
    CatalogService m_catalog;
    QtLoop m_loop;  // last: continuations that its end cancels find everything else alive
};

}  // namespace live::control
