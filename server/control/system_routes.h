// /healthz, /readyz, /metrics and /openapi.yaml: for probes, scrapers and generators, not below /api.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "server/control/router.h"

namespace live::control {

// What /readyz answers: 200 if every check holds, 503 otherwise.
struct ReadyReport {
    struct Check {
        std::string name;  // "catalog"
        bool isReady = false;
        std::string detail;  // one sentence; what to do if it is not
    };
    std::vector<Check> checks;
};

// Called on the Qt main thread; must not block. `metrics` gives the Prometheus text format 0.0.4.
struct SystemRoutes {
    std::function<std::string()> metrics;
    std::function<ReadyReport()> readiness;

    void addTo(Router& router) const;
};

}  // namespace live::control
