#include "server/daemon/media_plane.h"

#include <unistd.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <future>

#include "server/transcode/link/worker_link.h"

namespace live::daemon {

namespace {

constexpr double kPublishDelayBounds[] = {0.002, 0.005, 0.01, 0.015, 0.02, 0.025, 0.03, 0.04,
                                          0.05,  0.06,  0.08, 0.1,   0.15, 0.25,  0.5,  1};

store::Mirror::OnTrouble reporter(const log::Logger& logger) {
    return [logger](const store::MirrorTrouble& trouble) {
        if (!trouble.isNew) return;  // counted, and an alarm of the broadcast
        logger.warning("mirror.trouble", {{"stream_id", trouble.stream.text()}, {"error", trouble.error.describe()}});
    };
}

}  // namespace

MediaPlane::MediaPlane(MediaPlaneOptions options)
    : m_options(std::move(options)),
      m_mirrorRoot(m_options.config.stateDir / "mirror"),
      m_mirror(m_mirrorRoot, m_files, m_options.clock, reporter(m_options.logger)),
      m_journal(m_options.store, m_options.onJournalAnswer),
      m_partPublishDelay(kPublishDelayBounds),
      m_studio({.io = m_io,
                .clock = m_options.clock,
                .mirror = m_mirror,
                .journal = &m_journal,
                .makeHost = [this](auto mapping) { return makeHost(std::move(mapping)); },
                .partPublishDelay = m_partPublishDelay,
                .node = m_options.node,
                .inputDelay = m_options.config.input.delay,
                .logger = m_options.logger},
               m_options.directory, m_options.config.broadcast),
      m_streams(
          m_io, m_options.clock, m_studio,
          {.endGrace = m_options.config.ingest.endGrace, .reconnectWindow = m_options.config.ingest.reconnectWindow},
          m_options.logger),
      m_listener(m_io, m_options.clock, m_streams, m_options.logger,
                 {.maxConnections = m_options.config.rtmp.maxConnections,
                  .refusalsPerMinute = m_options.config.rtmp.refusalsPerMinute,
                  // Found within that time, by the last sweep before it.
                  .silence = m_options.config.ingest.deadPeer - ingest::io::RtmpListener::kSweepInterval}) {}

MediaPlane::~MediaPlane() { stop(); }

void MediaPlane::start() {
    m_thread = std::thread([this] { m_io.run(); });
    runAndWait([this] {
        m_streams.start();
        publishFigures();
    });
}

ingest::io::RtmpCounters MediaPlane::rtmpCounters() const {
    const std::lock_guard lock(m_figuresMutex);
    return m_rtmpFigures;
}

// The listener's counters belong to the media thread; others get copies.
void MediaPlane::publishFigures() {
    {
        const std::lock_guard lock(m_figuresMutex);
        m_rtmpFigures = m_listener.counters();
    }
    m_figuresTimer.expires_after(Seconds(1));
    m_figuresTimer.async_wait([this](const boost::system::error_code& error) {
        if (!error) publishFigures();
    });
}

void MediaPlane::resume(std::vector<catalog::BroadcastRecord> records) {
    resumeUnrecorded(records);
    for (const catalog::BroadcastRecord& record : records) {
        const auto resumed = resumeRecorded(record);
        if (resumed) continue;
        m_options.logger.write(record.isEnded ? log::Level::Info : log::Level::Warning, "broadcast.not_resumed",
                               {{"stream_id", record.stream.text()}, {"reason", resumed.error().describe()}});
        // Timeout: its final playlist is served as long as any other's.
        if (resumed.error().code != ErrorCode::Timeout) removeRecorded(record);
    }
}

// The catalog has one broadcast a stream. The one before may still have viewers: it ended when that one started, and
// stays for a window.
void MediaPlane::resumeUnrecorded(const std::vector<catalog::BroadcastRecord>& records) {
    for (const auto& [stream, broadcast] : store::Mirror::broadcasts(m_mirrorRoot, *m_files)) {
        const auto recorded = std::ranges::find(records, stream, &catalog::BroadcastRecord::stream);
        if (recorded != records.end() && recorded->broadcast == broadcast.text()) continue;
        const bool isBefore = recorded != records.end() && broadcast.text() < recorded->broadcast;
        const auto resumed = isBefore ? resumeEnded(stream, broadcast)
                                      : fail(ErrorCode::NotFound,
                                             "the catalog does not know it: its stream is gone or it could not be "
                                             "written when the broadcast began");
        if (resumed) continue;
        m_options.logger.warning(
            "broadcast.discarded",
            {{"stream_id", stream.text()}, {"broadcast_id", broadcast.text()}, {"reason", resumed.error().describe()}});
        m_mirror.remove(stream, broadcast);
    }
}

Result<void> MediaPlane::resumeRecorded(const catalog::BroadcastRecord& record) {
    stream::Remains remains = LIVE_TRY(CatalogJournal::read(record));
    remains.mirrored =
        LIVE_TRY(store::Mirror::load(m_mirrorRoot, record.stream, remains.entry.plan.broadcast, *m_files));
    return resumeOne(std::move(remains));
}

Result<void> MediaPlane::resumeEnded(const StreamId& stream, const BroadcastId& broadcast) {
    stream::Remains remains;
    remains.mirrored = LIVE_TRY(store::Mirror::load(m_mirrorRoot, stream, broadcast, *m_files));
    remains.entry = {.plan = remains.mirrored.plan,
                     .highWater = OutputTime(m_options.clock.unix().time_since_epoch()),
                     .isEnded = true};
    const auto resumed = resumeOne(std::move(remains));
    return !resumed && resumed.error().code == ErrorCode::Timeout ? Result<void>() : resumed;
}

Result<void> MediaPlane::resumeOne(stream::Remains remains) {
    const StreamId stream = remains.entry.plan.stream;
    const BroadcastId broadcast = remains.entry.plan.broadcast;
    Result<void> result = fail(ErrorCode::NotFound, "the stream has been deleted");
    runAndWait([&] {
        m_streams.resume(stream, broadcast, [&](stream::OnAirListener& listener) {
            auto resumed = m_studio.resume(std::move(remains), listener);
            result = resumed ? Result<void>() : std::unexpected(resumed.error());
            return resumed;
        });
    });
    return result;
}

void MediaPlane::removeRecorded(const catalog::BroadcastRecord& record) {
    m_options.store.removeBroadcast(record.stream, [](Result<void>) {});
    if (const auto broadcast = BroadcastId::parse(record.broadcast)) m_mirror.remove(record.stream, *broadcast);
}

Result<void> MediaPlane::listen(FileDescriptor socket) {
    Result<void> listening;
    runAndWait([&] { listening = m_listener.listen(std::move(socket)); });
    return listening;
}

void MediaPlane::storeEnds() {
    if (m_thread.joinable()) runAndWait([this] { m_studio.putEndsAgain(); });
}

void MediaPlane::stop() {
    if (!m_thread.joinable()) return;
    runAndWait([this] {
        m_listener.stop();
        m_streams.shutdown();
        m_figuresTimer.cancel();
    });
    m_work.reset();
    m_io.stop();
    m_thread.join();
}

std::unique_ptr<transcode::WorkerHost> MediaPlane::makeHost(std::function<media::ClockMapping()> mapping) {
    transcode::LinkOptions options;
    options.command = {.program = m_options.workerProgram,
                       .arguments = {"--link-fd", "3", "--parent", std::to_string(getpid())}};
    return std::make_unique<transcode::ProcessHost>(m_io.get_executor(), m_options.clock, std::move(options),
                                                    std::move(mapping));
}

void MediaPlane::runAndWait(std::function<void()> work) {
    std::promise<void> done;
    boost::asio::post(m_io, [&] {
        work();
        done.set_value();
    });
    done.get_future().wait();
}

}  // namespace live::daemon
