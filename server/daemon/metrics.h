// The counters of the stages as series of /metrics. Names are part of the interface: dashboards and alerts use them.
#pragma once

#include "server/ingest/io/rtmp_counters.h"
#include "server/observe/page.h"
#include "server/origin/counters.h"
#include "server/store/mirror.h"
#include "server/stream/stream_manager.h"

namespace live::daemon {

void collect(observe::Page& page, const origin::Counters& counters);
void collect(observe::Page& page, const ingest::io::RtmpCounters& counters);
void collect(observe::Page& page, const store::MirrorFigures& figures);
void collect(observe::Page& page, const stream::StreamManager::AllStats& streams);

struct ServerFigures {
    std::size_t catalogCalls = 0;  // waiting now
    std::uint64_t droppedLogLines = 0;
};
void collect(observe::Page& page, const ServerFigures& figures);

}  // namespace live::daemon
