// Whether the catalog takes writes, and who is told when it does not.
#pragma once

#include <cstdint>

#include "common/api/problem.h"
#include "common/base/clock.h"
#include "common/log/log.h"
#include "common/log/rate_limit.h"
#include "server/control/system_routes.h"

namespace live::control {

// Qt main thread. `clock` outlives it.
class CatalogHealth {
public:
    CatalogHealth(const Clock& clock, log::Logger logger) : m_clock(clock), m_logger(std::move(logger)) {}

    // What the client of a write that failed is told. What is wrong with the catalog rather than with the request is
    // counted, and logged with its cause once a second.
    api::Problem failed(const Error& error);
    void succeeded() { m_isWritable = true; }

    std::uint64_t failures() const { return m_failures; }
    // Not ready from a write that failed until one succeeds. Says nothing of the cause: everybody may read it.
    ReadyReport::Check check() const;

private:
    const Clock& m_clock;
    const log::Logger m_logger;
    log::RateLimit m_reports;
    std::uint64_t m_failures = 0;
    bool m_isWritable = true;
};

}  // namespace live::control
