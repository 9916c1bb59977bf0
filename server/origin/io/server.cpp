#include "server/origin/io/server.h"

#include <algorithm>
#include <atomic>
#include <boost/asio/post.hpp>
#include <mutex>

#include "common/net/listening_socket.h"
#include "server/origin/io/acceptor.h"
#include "server/origin/io/viewer_thread.h"

namespace live::origin::io {

namespace {
// Connections over the cap that are told so at the same time; more are closed without a word.
constexpr std::int64_t kMaxRefusing = 128;
}  // namespace

// What the directory's listener reaches. It may be called when the server has gone.
struct Server::WakeList {
    std::mutex mutex;
    std::vector<ViewerThread*> threads;

    void wake(const StreamId& stream) {
        const std::lock_guard lock(mutex);
        for (ViewerThread* thread : threads) thread->wake(stream);
    }
    void clear() {
        const std::lock_guard lock(mutex);
        threads.clear();
    }
};

struct Server::Parts {
    Parts(store::Directory& directory, const Clock& clock, PageTable pages, Limits limits)
        : site{directory, clock, std::move(pages), limits, counters} {}

    void admit(FileDescriptor socket);

    Counters counters;
    Site site;
    std::string endpoint;
    std::shared_ptr<WakeList> wakeList = std::make_shared<WakeList>();
    std::vector<std::unique_ptr<ViewerThread>> threads;
    std::shared_ptr<Acceptor> acceptor;
    std::size_t nextThread = 0;  // owner: the thread of the acceptor
};

// On the acceptor's thread; connections go round.
void Server::Parts::admit(FileDescriptor socket) {
    const auto limit = static_cast<std::int64_t>(site.limits.maxConnections);
    const std::int64_t open = ++counters.openConnections;
    if (open > limit + kMaxRefusing) {
        --counters.openConnections;
        ++counters.connectionsRefused;
        return;
    }
    ++counters.connectionsAccepted;
    threads[nextThread]->adopt(std::move(socket),
                               open > limit ? Connection::Admission::Full : Connection::Admission::Welcome);
    nextThread = (nextThread + 1) % threads.size();
}

Result<std::unique_ptr<Server>> Server::create(ServerOptions options, store::Directory& directory, const Clock& clock,
                                               PageTable pages) {
    auto parts = std::make_unique<Parts>(directory, clock, std::move(pages), options.limits);
    parts->endpoint = LIVE_TRY(net::boundEndpoint(options.listening)).text();
    for (unsigned i = 0; i < std::max(options.threads, 1U); ++i) {
        parts->threads.push_back(std::make_unique<ViewerThread>(parts->site));
        parts->wakeList->threads.push_back(parts->threads.back().get());
    }
    directory.addListener([list = parts->wakeList](const StreamId& stream) { list->wake(stream); });
    auto& executor = parts->threads.front()->executor();
    parts->acceptor =
        std::make_shared<Acceptor>(executor, std::move(options.listening),
                                   [raw = parts.get()](FileDescriptor socket) { raw->admit(std::move(socket)); });
    boost::asio::post(executor, [acceptor = parts->acceptor] { acceptor->start(); });
    return std::unique_ptr<Server>(new Server(std::move(parts)));
}

Server::Server(std::unique_ptr<Parts> parts) : m_parts(std::move(parts)) {}
Server::~Server() { stop(); }

const std::string& Server::endpoint() const { return m_parts->endpoint; }
const Counters& Server::counters() const { return m_parts->counters; }

void Server::stop(Nanoseconds grace) {
    if (!m_parts->acceptor) return;
    m_parts->wakeList->clear();
    boost::asio::post(m_parts->threads.front()->executor(), [acceptor = m_parts->acceptor] { acceptor->stop(); });
    m_parts->acceptor.reset();
    for (auto& thread : m_parts->threads) thread->drain();
    const auto deadline = std::chrono::steady_clock::now() + grace;
    for (auto& thread : m_parts->threads) thread->waitUntilDrained(deadline);
    for (auto& thread : m_parts->threads) thread->halt();
    m_parts->threads.clear();
}

}  // namespace live::origin::io
