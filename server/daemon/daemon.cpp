#include "server/daemon/daemon.h"

#include <unistd.h>

#include <QCoreApplication>
#include <QFutureWatcher>
#include <QTimer>
#include <cstdio>
#include <thread>

#include "common/net/listening_socket.h"
#include "server/catalog/sqlite_store.h"
#include "server/catalog/state_lock.h"
#include "server/daemon/listening.h"
#include "server/daemon/metrics.h"
#include "server/daemon/player_pages.h"
#include "server/observe/process.h"

namespace live::daemon {

namespace {

// Long enough for an answer that waits for the catalog; clients that only keep their connection lose it.
constexpr std::chrono::milliseconds kApiGrace(300);

// A locked catalog says no after 2 s; one on a disk that hangs never does.
constexpr std::chrono::seconds kLastChance(4);

std::string hostName() {
    char name[256] = {};
    gethostname(name, sizeof name - 1);
    return name;
}

}  // namespace

Daemon::Daemon(ServerConfig config, Paths paths, log::Logger logger)
    : m_config(std::move(config)), m_paths(std::move(paths)), m_logger(std::move(logger)) {}

// Answers of the store go to parts that must still be there.
Daemon::~Daemon() {
    m_isStopping = m_isShuttingDown = true;
    if (m_media) m_media->stop();
    m_api.reset();
    m_store.reset();
}

Result<std::unique_ptr<Daemon>> Daemon::create(ServerConfig config, Paths paths, InheritedSockets sockets,
                                               log::Logger logger) {
    std::unique_ptr<Daemon> daemon(new Daemon(std::move(config), std::move(paths), std::move(logger)));
    LIVE_TRY(daemon->open(std::move(sockets)));
    return daemon;
}

Result<void> Daemon::open(InheritedSockets sockets) {
    m_lock = LIVE_TRY(catalog::StateLock::acquire(m_config.stateDir));
    m_catalogLock = LIVE_TRY(catalog::StateLock::acquireCatalog(m_config.catalog.path));
    m_store = LIVE_TRY(catalog::openSqlite(m_config.catalog.path));
    LIVE_TRY(openSockets(sockets));
    const net::Endpoint rtmp = LIVE_TRY(net::boundEndpoint(m_sockets.rtmp));
    const net::Endpoint http = LIVE_TRY(net::boundEndpoint(m_sockets.http));
    m_rtmpEndpoint = rtmp.text();
    m_media = std::make_unique<MediaPlane>(MediaPlaneOptions{.config = m_config,
                                                             .clock = m_clock,
                                                             .store = *m_store,
                                                             .directory = m_directory,
                                                             .onJournalAnswer = onJournalAnswer(),
                                                             .workerProgram = m_paths.worker,
                                                             .node = hostName(),
                                                             .logger = m_logger});
    addMetrics();
    m_api = LIVE_TRY(control::ApiServer::create(
        {.store = *m_store,
         .plane = m_media->livePlane(),
         .clock = m_clock,
         .logger = m_logger,
         .stateDirectory = m_config.stateDir,
         .urls = {.rtmp = publicRtmpUrl(m_config, rtmp), .http = publicHttpUrl(m_config, http)},
         .defaults = {.segmentDuration = m_config.broadcast.segmentDuration,
                      .latencyProfile = m_config.broadcast.latencyProfile,
                      .hold = m_config.ingest.hold},
         .listening = std::move(m_sockets.api),
         .metrics = [this] { return m_metrics.scrape(); },
         .readiness = [this] { return readiness(); }}));
    for (const std::string& name : sockets.unused()) m_logger.warning("sockets.unused", {{"socket", name}});
    return {};
}

// From the catalog's thread to this one.
CatalogJournal::OnAnswer Daemon::onJournalAnswer() {
    return [this](const Result<void>& answer) {
        QMetaObject::invokeMethod(
            this,
            [this, answer] {
                if (m_api) m_api->catalogAnswered(answer);
            },
            Qt::QueuedConnection);
    };
}

// Scraped on this thread, between open() and the end of the API.
void Daemon::addMetrics() {
    m_metrics.add(observe::processCollector(m_clock, LIVE_VERSION));
    m_metrics.add([this](observe::Page& page) {
        if (m_viewers) collect(page, m_viewers->counters());
        collect(page, m_media->rtmpCounters());
        collect(page, m_media->mirrorFigures());
        collect(page, m_media->streamStats());
        collect(page,
                ServerFigures{.catalogCalls = m_store->queuedCalls(), .droppedLogLines = m_logger.droppedLines()});
        page.counter("liveserver_catalog_failures_total", "Writes that the catalog could not do.",
                     static_cast<double>(m_api->catalogFailures()));
        page.gauge("liveserver_unstored_holds",
                   "Holds, set or lifted, that the catalog has not taken yet: a restart would not know of them.",
                   static_cast<double>(m_api->unstoredHolds()));
        page.histogram("liveserver_part_publish_delay_seconds",
                       "From a slot's last frame leaving its encoder to the slot being visible.",
                       m_media->partPublishDelay());
    });
}

Result<void> Daemon::openSockets(InheritedSockets& sockets) {
    m_sockets.rtmp = LIVE_TRY(listenFor("rtmp", m_config.rtmp.listen, sockets));
    m_sockets.http = LIVE_TRY(listenFor("http", m_config.http.listen, sockets));
    m_sockets.api = LIVE_TRY(listenFor("api", m_config.api.listen, sockets));
    return {};
}

void Daemon::start() {
    m_media->start();
    m_api->start().then(this, [this](const Result<void>& started) {
        if (m_isStopping) return;
        if (!started) return fail(started.error());
        using Records = std::vector<catalog::BroadcastRecord>;
        m_loop.call<Records>([this](auto done) { m_store->broadcasts(std::move(done)); })
            .then([this](Result<Records> records) {
                if (m_isStopping) return;
                if (!records) return fail(records.error());
                if (auto served = serve(std::move(*records)); !served) return fail(served.error());
                printReady();
            });
    });
}

Result<void> Daemon::serve(std::vector<catalog::BroadcastRecord> records) {
    m_media->resume(std::move(records));
    auto pages = LIVE_TRY(loadPlayerPages(m_paths.player));
    origin::io::ServerOptions options{
        .listening = std::move(m_sockets.http),
        .threads = m_config.http.threads ? m_config.http.threads : std::thread::hardware_concurrency()};
    options.limits.maxConnections = m_config.http.maxConnections;
    m_viewers = LIVE_TRY(origin::io::Server::create(std::move(options), m_directory, m_clock, std::move(pages)));
    LIVE_TRY(m_media->listen(std::move(m_sockets.rtmp)));
    m_api->open();
    m_isReady = true;
    return {};
}

control::ReadyReport Daemon::readiness() const {
    const bool isReady = m_isReady && !m_isStopping;
    return {{{.name = "media", .isReady = isReady, .detail = isReady ? "" : "the server is starting or stopping"}}};
}

void Daemon::printReady() const {
    std::printf("{\"event\":\"ready\",\"rtmp\":\"%s\",\"http\":\"%s\",\"api\":\"%s\"}\n", m_rtmpEndpoint.c_str(),
                m_viewers->endpoint().c_str(), m_api->endpoint().c_str());
    std::fflush(stdout);
    m_logger.info("server.ready",
                  {{"rtmp", m_rtmpEndpoint}, {"http", m_viewers->endpoint()}, {"api", m_api->endpoint()}});
}

void Daemon::fail(const Error& error) {
    std::fprintf(stderr, "liveserverd: %s\n", error.describe().c_str());
    emit finished(1);
}

void Daemon::stop() {
    if (m_isStopping) return;
    m_isStopping = true;
    m_logger.info("server.stopping", {});
    // While everybody is still served: a catalog that another program has locked takes its time. It answers in turn, so
    // this read comes after all of them.
    m_media->storeEnds();
    m_api->storeHolds();
    m_loop.call<std::map<std::string, std::string>>([this](auto done) { m_store->tokens(std::move(done)); })
        .then([this](const auto&) { shutDown(); });
    QTimer::singleShot(kLastChance, this, [this] { shutDown(); });
}

void Daemon::shutDown() {
    if (std::exchange(m_isShuttingDown, true)) return;
    m_api->shutDown(kApiGrace).then(this, [this] {
        if (m_viewers) m_viewers->stop();
        m_media->stop();
        m_api.reset();
        m_store.reset();
        m_logger.info("server.stopped", {});
        emit finished(0);
    });
}

}  // namespace live::daemon
