#include "server/control/catalog_health.h"

namespace live::control {

api::Problem CatalogHealth::failed(const Error& error) {
    api::Problem problem = api::problemFor(error);
    if (problem.status < 500 || error.code == ErrorCode::Cancelled) return problem;
    ++m_failures;
    m_isWritable = false;
    if (const auto count = m_reports.count(m_clock.boot()))
        m_logger.error("catalog.failed", {{"error", error.describe()}, {"count", *count}});
    return problem;
}

ReadyReport::Check CatalogHealth::check() const {
    return {.name = "catalog",
            .isReady = m_isWritable,
            .detail = m_isWritable ? ""
                                   : "the last write to the catalog failed, and the log says why (catalog.failed); "
                                     "ready again once a write succeeds"};
}

}  // namespace live::control
