#include "server/control/catalog_health.h"

namespace live::control {

api::Problem CatalogHealth::failed(const Error& error) {
    api::Problem problem = api::problemFor(error);
    if (problem.status < 500 || error.code == ErrorCode::Cancelled) return problem;
    ++m_failures;
    m_failedAt = m_clock.boot();
    if (const auto count = m_reports.count(m_clock.boot()))
        m_logger.error("catalog.failed", {{"error", error.describe()}, {"count", *count}});
    return problem;
}

ReadyReport::Check CatalogHealth::check() const {
    const bool isReady = !m_failedAt || m_clock.boot() - *m_failedAt >= kDoubt;
    return {.name = "catalog",
            .isReady = isReady,
            .detail = isReady ? ""
                              : "the last write to the catalog failed, and the log says why (catalog.failed); ready "
                                "again once a write succeeds, or after 30 s"};
}

}  // namespace live::control
