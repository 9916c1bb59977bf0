// `liveserverd serve`: makes every part, connects them, and takes them down in order.
#pragma once

#include <QObject>
#include <memory>
#include <optional>

#include "common/base/file_descriptor.h"
#include "server/catalog/state_lock.h"
#include "server/catalog/store.h"
#include "server/control/api_server.h"
#include "server/control/convert/qt_loop.h"
#include "server/daemon/inherited_sockets.h"
#include "server/daemon/media_plane.h"
#include "server/daemon/server_config.h"
#include "server/observe/registry.h"
#include "server/origin/io/server.h"

namespace live::daemon {

// Qt main thread.
//
// Start: lock and catalog → sockets (bound, nothing accepted) → first policy → broadcasts of before → viewers,
// publishers, API → the ready line. Until then clients wait in the kernel's queues, so that nobody sees a 404 or an
// idle stream in between.
// Stop: what the catalog did not take → API → viewers (held requests answered) → publishers and workers → catalog.
class Daemon final : public QObject {
    Q_OBJECT
public:
    struct Paths {
        std::filesystem::path worker;  // the worker program
        std::filesystem::path player;  // the watch page's folder
    };

    // Errors name what is wrong: state directory, port, another server.
    static Result<std::unique_ptr<Daemon>> create(ServerConfig config, Paths paths, InheritedSockets sockets,
                                                  log::Logger logger);
    ~Daemon() override;

    // Prints {"event":"ready",…} on standard output when it serves.
    void start();
    void stop();

signals:
    void finished(int exitCode);

private:
    struct Sockets {
        FileDescriptor rtmp;
        FileDescriptor http;
        FileDescriptor api;
    };

    Daemon(ServerConfig config, Paths paths, log::Logger logger);
    Result<void> open(InheritedSockets sockets);
    Result<void> openSockets(InheritedSockets& sockets);
    Result<void> serve(std::vector<catalog::BroadcastRecord> records);
    CatalogJournal::OnAnswer onJournalAnswer();
    void addMetrics();
    void printReady() const;
    control::ReadyReport readiness() const;
    void fail(const Error& error);
    void shutDown();

    ServerConfig m_config;
    Paths m_paths;
    log::Logger m_logger;
    SystemClock m_clock;
    store::Directory m_directory;
    observe::Registry m_metrics;
    Sockets m_sockets;
    std::string m_rtmpEndpoint;
    std::optional<catalog::StateLock> m_lock;
    std::optional<catalog::StateLock> m_catalogLock;
    std::unique_ptr<catalog::Store> m_store;
    std::unique_ptr<MediaPlane> m_media;
    std::unique_ptr<control::ApiServer> m_api;
    std::unique_ptr<origin::io::Server> m_viewers;
    bool m_isReady = false;
    bool m_isStopping = false;
    bool m_isShuttingDown = false;
    control::QtLoop m_loop;  // last: continuations that its end cancels find everything else alive
};

}  // namespace live::daemon
