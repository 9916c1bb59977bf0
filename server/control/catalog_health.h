// Whether the catalog takes writes, and who is told when it does not.
#pragma once

#include <cstdint>
#include <optional>

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
    // A write that no client waits for, of the journal or tried again: counted and logged as well, but what is on air
    // goes on without it, and nobody is better off with another server.
    void missed(const Error& error) { note(error); }
    void succeeded() { m_failedAt.reset(); }

    std::uint64_t failures() const { return m_failures; }
    // Not ready from a client's write that failed until one succeeds, at most kDoubt: a node that was taken out of
    // service for it gets no write that could prove it well. Says nothing of the cause: everybody may read it.
    static constexpr Seconds kDoubt{30};
    ReadyReport::Check check() const;

private:
    bool note(const Error& error);

    const Clock& m_clock;
    const log::Logger m_logger;
    log::RateLimit m_reports;
    std::uint64_t m_failures = 0;
    std::optional<BootTime> m_failedAt;
};

}  // namespace live::control
