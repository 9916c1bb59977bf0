// Who contributes to /metrics. Components keep plain atomic counters and know nothing of Prometheus; the composition
// root adds one collector for each, which turns its counters into series.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "server/observe/page.h"

namespace live::observe {

using Collector = std::function<void(Page&)>;

// One thread: the one that scrapes.
class Registry {
public:
    // `collector` reads what may be read from the scraping thread, and does not block.
    void add(Collector collector) { m_collectors.push_back(std::move(collector)); }

    // Content-Type "text/plain; version=0.0.4; charset=utf-8".
    std::string scrape() const;

private:
    std::vector<Collector> m_collectors;
};

}  // namespace live::observe
