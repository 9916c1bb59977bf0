#include "server/daemon/metrics.h"

#include <string>

namespace live::daemon {

namespace {
using observe::Page;

// Words of media::RefusalReason, in its order.
constexpr std::string_view kReasons[] = {"unknown_key", "stream_disabled",   "held",       "key_shared",   "taken_over",
                                         "stopped",     "unsupported_media", "overloaded", "shutting_down"};
static_assert(std::size(kReasons) == ingest::io::RtmpCounters::kReasons);

double number(const std::atomic<std::uint64_t>& value) {
    return static_cast<double>(value.load(std::memory_order_relaxed));
}
double number(const std::atomic<std::int64_t>& value) {
    return static_cast<double>(value.load(std::memory_order_relaxed));
}
double number(std::uint64_t value) { return static_cast<double>(value); }

observe::HistogramSnapshot converted(const origin::HoldHistogram& holds) {
    observe::HistogramSnapshot snapshot;
    snapshot.bounds.assign(holds.kBoundsSeconds.begin(), holds.kBoundsSeconds.end());
    for (const auto& bucket : holds.buckets) snapshot.counts.push_back(bucket.load(std::memory_order_relaxed));
    snapshot.sum = number(holds.sumMicroseconds) / 1e6;
    return snapshot;
}

template <class Count>
void closed(Page& page, std::string_view reason, const Count& count) {
    page.counter("liveserver_rtmp_closed_total", "RTMP connections that the server closed.", number(count),
                 {{"reason", std::string(reason)}});
}

void queued(Page& page, std::string_view kind, std::uint64_t calls) {
    page.gauge("liveserver_queued_calls", "Calls that wait in a bounded queue, to a thread of its own.", number(calls),
               {{"kind", std::string(kind)}});
}

void collect(Page& page, const std::string& id, const stream::StreamStats& stats) {
    const observe::Labels labels{{"stream", id}};
    for (StreamState state : {StreamState::Idle, StreamState::Live, StreamState::Interrupted, StreamState::Ended})
        page.gauge("liveserver_stream_state", "1 for the state the stream is in.", stats.state == state,
                   {{"stream", id}, {"state", std::string(toString(state))}});
    if (stats.latencyMs)
        page.gauge("liveserver_stream_latency_seconds",
                   "From the arrival of a packet to its part being visible, median.", *stats.latencyMs / 1000, labels);
    page.gauge("liveserver_stream_alarms", "Open alarms.", static_cast<double>(stats.alarms.size()), labels);
    if (stats.worker)
        page.gauge("liveserver_worker_restarts", "Restarts of the worker in this broadcast.", stats.worker->restarts,
                   labels);
    for (const stream::RenditionStats& rendition : stats.renditions) {
        const observe::Labels both{{"stream", id}, {"rendition", rendition.id}};
        page.gauge("liveserver_rendition_bytes_per_second", "Measured data rate, boxes included.",
                   static_cast<double>(rendition.bitrate) / 8, both);
        if (rendition.encodeSpeed)
            page.gauge("liveserver_rendition_encode_speed_ratio",
                       "Seconds of media encoded per second of encoder time.", *rendition.encodeSpeed, both);
        page.gauge("liveserver_rendition_queued_frames", "Frames that wait for the encoder.", rendition.queuedFrames,
                   both);
        page.gauge("liveserver_rendition_shed", "1 while the rendition is off because encoding cannot keep up.",
                   rendition.isShed, both);
    }
}
}  // namespace

void collect(Page& page, const origin::Counters& counters) {
    for (std::size_t hundreds = 1; hundreds < counters.responses.size(); ++hundreds)
        page.counter("liveserver_http_responses_total", "Responses to viewers by class of status.",
                     number(counters.responses[hundreds]), {{"code", std::to_string(hundreds) + "xx"}});
    page.counter("liveserver_http_sent_bytes_total", "Bytes sent to viewers, heads included.",
                 number(counters.bytesSent));
    page.counter("liveserver_http_connections_total", "Connections accepted from viewers.",
                 number(counters.connectionsAccepted));
    page.gauge("liveserver_http_open_connections", "Connections of viewers that are open.",
               number(counters.openConnections));
    const auto dropped = [&page](std::string_view reason, const origin::Counter& count) {
        page.counter("liveserver_http_dropped_total", "Connections and requests of viewers that were given up.",
                     number(count), {{"reason", std::string(reason)}});
    };
    dropped("connection_limit", counters.connectionsRefused);
    dropped("idle", counters.connectionsTimedOut);
    dropped("slow_reader", counters.slowReadersShed);
    dropped("held_too_long", counters.heldTimedOut);
    dropped("left_while_held", counters.heldDisconnected);
    page.gauge("liveserver_blocked_requests", "Requests that wait for a part now.", number(counters.heldRequests));
    page.histogram("liveserver_playlist_hold_seconds", "How long requests waited for a part.",
                   converted(counters.holds));
}

void collect(Page& page, const ingest::io::RtmpCounters& counters) {
    const auto bytes = [&page](std::string_view name, std::string_view help, std::uint64_t count) {
        page.counter(name, help, number(count), {{"protocol", "rtmp"}});
    };
    bytes("liveserver_ingest_bytes_total", "Bytes received from broadcasters.", counters.bytesReceived);
    bytes("liveserver_ingest_sent_bytes_total", "Bytes sent to broadcasters.", counters.bytesSent);
    page.counter("liveserver_rtmp_connections_total", "RTMP connections accepted.", number(counters.accepted));
    page.gauge("liveserver_rtmp_open_connections", "RTMP connections that are open.", number(counters.connections));
    page.counter("liveserver_rtmp_publishes_total", "RTMP sessions admitted to a stream.", number(counters.published));
    page.gauge("liveserver_rtmp_publishers", "RTMP sessions that publish now.", number(counters.publishing));
    closed(page, "evicted", counters.evicted);
    closed(page, "turned_away", counters.turnedAway);
    closed(page, "rate_limited", counters.rateLimited);
    closed(page, "unknown_application", counters.unknownApplication);
    closed(page, "protocol_error", counters.protocolErrors);
    closed(page, "handshake_timeout", counters.handshakeTimeouts);
    closed(page, "publish_timeout", counters.publishTimeouts);
    closed(page, "dead_peer", counters.deadPeers);
    closed(page, "stalled_write", counters.stalledWrites);
    for (std::size_t i = 0; i < counters.refusals.size(); ++i)
        page.counter("liveserver_rtmp_refusals_total", "RTMP publishers that were refused or ended.",
                     number(counters.refusals[i]), {{"reason", std::string(kReasons[i])}});
    const auto dropped = [&page](std::string_view reason, std::uint64_t count) {
        page.counter("liveserver_rtmp_dropped_frames_total", "Frames of broadcasters that could not be used.",
                     number(count), {{"reason", std::string(reason)}});
    };
    dropped("damaged", counters.damagedFrames);
    dropped("before_configuration", counters.earlyFrames);
}

void collect(Page& page, const ServerFigures& figures) {
    queued(page, "catalog", figures.catalogCalls);
    page.counter("liveserver_log_dropped_lines_total", "Log lines that a full pipe had no room for.",
                 number(figures.droppedLogLines));
}

void collect(Page& page, const store::MirrorFigures& figures) {
    queued(page, "mirror", figures.queuedCalls);
    page.gauge("liveserver_mirror_queued_bytes", "Bytes that wait to be written to the mirror.",
               number(figures.queuedBytes));
    page.counter("liveserver_mirror_slots_total", "Slots that a restart can serve again.", number(figures.committed));
    const auto trouble = [&page](std::string_view reason, std::uint64_t count) {
        page.counter("liveserver_mirror_troubles_total", "Slots that a restart will replace by filler.", number(count),
                     {{"reason", std::string(reason)}});
    };
    trouble("failed", figures.failed);
    trouble("late", figures.late);
    trouble("refused", figures.refused);
}

void collect(Page& page, const stream::StreamManager::AllStats& streams) {
    for (const auto& [id, stats] : streams) collect(page, id.text(), *stats);
}

}  // namespace live::daemon
