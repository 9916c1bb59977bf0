#include "server/observe/registry.h"

namespace live::observe {

std::string Registry::scrape() const {
    Page page;
    for (const Collector& collector : m_collectors) collector(page);
    return page.text();
}

}  // namespace live::observe
