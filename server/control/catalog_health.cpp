#include "server/control/catalog_health.h"

namespace live::control {

api::Problem CatalogHealth::failed(const Error& error) {
    if (note(error)) m_failedAt = m_clock.boot();
    return api::problemFor(error);
}

// Whether it is the catalog's fault.
bool CatalogHealth::note(const Error& error) {
    if (api::problemFor(error).status < 500 || error.code == ErrorCode::Cancelled) return false;
    ++m_failures;
    if (const auto count = m_reports.count(m_clock.boot()))
        m_logger.error("catalog.failed", {{"error", error.describe()}, {"count", *count}});
    return true;
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
