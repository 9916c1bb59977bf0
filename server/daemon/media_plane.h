// The media thread and everything that lives on it: RTMP, streams, worker links, packaging.
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <filesystem>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "common/log/log.h"
#include "server/daemon/catalog_journal.h"
#include "server/daemon/server_config.h"
#include "server/ingest/io/rtmp_listener.h"
#include "server/store/file_layer.h"
#include "server/stream/broadcast_studio.h"
#include "server/stream/stream_manager.h"

namespace live::daemon {

struct MediaPlaneOptions {
    const ServerConfig& config;
    const Clock& clock;
    catalog::Store& store;
    store::Directory& directory;
    CatalogJournal::OnAnswer onJournalAnswer;  // any thread, until the store is gone
    std::string workerProgram;
    std::string node;
    log::Logger logger;
};

// Made, started and stopped by one other thread, which must outlive the workers: it spawns none itself.
class MediaPlane {
public:
    explicit MediaPlane(MediaPlaneOptions options);
    ~MediaPlane();

    void start();
    // Goes on with the broadcasts that a restart interrupted, and removes what is left of those that viewers can no
    // longer fetch. After the first policy was applied. Blocks.
    void resume(std::vector<catalog::BroadcastRecord> records);
    // Takes publishers from a listening socket, which it owns from then on. Blocks until it listens.
    Result<void> listen(FileDescriptor socket);
    // The last chance of ends that the catalog did not take: they are in its queue then. Blocks for a moment.
    void storeEnds();
    // Lets publishers and workers go; broadcasts stay as they are, to be resumed. Blocks. The second call does nothing.
    void stop();

    stream::LivePlane& livePlane() { return m_streams; }
    // Any thread. At most one second old.
    ingest::io::RtmpCounters rtmpCounters() const;
    stream::StreamManager::AllStats streamStats() const { return m_streams.allStats(); }
    observe::HistogramSnapshot partPublishDelay() const { return m_partPublishDelay.snapshot(); }
    store::MirrorFigures mirrorFigures() const { return m_mirror.figures(); }

private:
    void publishFigures();
    std::unique_ptr<transcode::WorkerHost> makeHost(std::function<media::ClockMapping()> mapping);
    void resumeUnrecorded(const std::vector<catalog::BroadcastRecord>& records);
    Result<void> resumeRecorded(const catalog::BroadcastRecord& record);
    Result<void> resumeEnded(const StreamId& stream, const BroadcastId& broadcast);
    Result<void> resumeOne(stream::Remains remains);
    void removeRecorded(const catalog::BroadcastRecord& record);
    // Runs `work` on the media thread and waits for it.
    void runAndWait(std::function<void()> work);

    const MediaPlaneOptions m_options;
    std::filesystem::path m_mirrorRoot;
    std::shared_ptr<store::FileLayer> m_files = std::make_shared<store::SystemFileLayer>();
    boost::asio::io_context m_io{1};  // before the mirror, which posts to it
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> m_work{m_io.get_executor()};
    store::Mirror m_mirror;
    CatalogJournal m_journal;
    observe::Histogram m_partPublishDelay;
    stream::BroadcastStudio m_studio;
    stream::StreamManager m_streams;
    ingest::io::RtmpListener m_listener;
    boost::asio::steady_timer m_figuresTimer{m_io};
    mutable std::mutex m_figuresMutex;
    ingest::io::RtmpCounters m_rtmpFigures;
    std::thread m_thread;
};

}  // namespace live::daemon
