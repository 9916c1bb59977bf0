// stream::StreamStats → the JSON of GET /streams/{id}/stats. Any thread.
#pragma once

#include <QJsonObject>

#include "server/stream/live_plane.h"

namespace live::control {

QJsonObject toJson(const stream::StreamStats& stats);

}  // namespace live::control
