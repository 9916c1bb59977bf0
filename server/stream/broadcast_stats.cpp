// What a broadcast says of itself.
#include <algorithm>
#include <iterator>

#include "server/stream/broadcast.h"

namespace live::stream {

void Broadcast::describe(StreamStats& stats) const {
    WorkerStats worker{.pid = m_supervisor ? m_supervisor->workerPid() : 0,
                       .node = m_context.node,
                       .restarts = m_supervisor ? m_supervisor->restarts() : 0};
    for (std::size_t i = 0; i < plan().renditions.size(); ++i) {
        const media::Rendition& rendition = plan().renditions[i];
        const bool isVideo = rendition.kind == media::MediaKind::Video;
        RenditionStats& made = stats.renditions.emplace_back();
        made.id = rendition.id.text();
        made.kind = isVideo ? "video" : "audio";
        made.codec = m_packager->codec(i);
        made.width = rendition.width;
        made.height = rendition.height;
        made.channels = rendition.channels;
        made.frameRate = isVideo ? plan().grid.rate().value() : 0;
        made.bitrate = m_packager->measuredBitrate(i);
        made.targetBitrate = rendition.bitrate;
        made.isShed = m_packager->isShed(i);
        if (i >= m_heartbeat.renditions.size()) continue;
        // A worker says 0 until an encoder has done something.
        if (const double speed = m_heartbeat.renditions[i].encodeSpeed; speed > 0) made.encodeSpeed = speed;
        made.shedFrames = m_heartbeat.renditions[i].shedFrames;
        made.queuedFrames = m_heartbeat.renditions[i].queuedFrames;
        if (isVideo && made.encodeSpeed && (!worker.speed || *made.encodeSpeed < *worker.speed))
            worker.speed = made.encodeSpeed;
    }
    if (worker.pid != 0) stats.worker = worker;
    if (const auto latency = m_latency.median(m_clock.at(m_context.clock.boot())))
        stats.latencyMs = std::chrono::duration<double, std::milli>(*latency).count();
    if (!stats.inputs.empty())
        std::ranges::move(m_health.warnings(m_context.clock.boot()), std::back_inserter(stats.inputs.front().warnings));
    for (const auto& [alarm, message] : m_alarms) stats.alarms.push_back(message);
}

}  // namespace live::stream
