// /api/v1/streams and what is below it.
#pragma once

#include "common/api/stream_json.h"
#include "server/control/catalog_service.h"
#include "server/control/router.h"

namespace live::control {

// Qt main thread. What the routes answer with; all of it outlives the router.
struct StreamRoutes {
    CatalogService& catalog;
    stream::LivePlane& plane;
    const api::PublicUrls& urls;

    void addTo(Router& router) const;
};

}  // namespace live::control
