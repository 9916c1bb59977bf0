#include "server/transcode/worker/run.h"

#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <optional>

#include "server/transcode/link/codec.h"
#include "server/transcode/worker/link_writer.h"
#include "server/transcode/worker/worker.h"

namespace live::transcode::worker {

namespace {

std::string build() {
    return "liveserverd; libavcodec " + std::to_string(avcodec_version() >> 16) + "." +
           std::to_string(avcodec_version() >> 8 & 0xff);
}

class Process {
public:
    Process(int link, LinkWriter& writer)
        : m_link(link),
          m_writer(writer),
          m_worker(
              m_clock, Worker::Drive::Timer, [&writer](const Record& record) { writer.push(record); },
              [&writer] { writer.wake(); }) {}

    int run();

private:
    std::optional<int> readLink();
    std::optional<int> take();
    std::optional<int> handle(Record record);

    int m_link;
    LinkWriter& m_writer;
    SystemClock m_clock;
    RecordReader m_reader;
    bool m_isGreeted = false;
    bool m_hasStopped = false;
    Worker m_worker;
};

int Process::run() {
    m_writer.push(Hello{.version = kLinkVersion, .pid = static_cast<std::uint32_t>(getpid()), .build = build()});
    while (true) {
        const short interest = static_cast<short>(m_writer.isEmpty() ? POLLIN : POLLIN | POLLOUT);
        std::array<pollfd, 2> sources{pollfd{m_link, interest, 0}, pollfd{m_writer.wakeDescriptor(), POLLIN, 0}};
        if (::poll(sources.data(), sources.size(), -1) < 0 && errno != EINTR) return kRunFailed;
        if (sources[1].revents != 0) m_writer.acknowledge();
        if (sources[0].revents & (POLLIN | POLLHUP | POLLERR)) {
            if (const std::optional<int> status = readLink()) return *status;
        }
        const bool isFinished = m_worker.isFinished();
        if (!m_writer.write()) return kRunEnded;
        if (m_writer.isBroken()) return kRunOverloaded;
        if (isFinished && m_writer.isEmpty()) return m_hasStopped ? kRunEnded : kRunFailed;
    }
}

std::optional<int> Process::readLink() {
    std::array<std::uint8_t, 64 * 1024> chunk;
    const ssize_t count = ::recv(m_link, chunk.data(), chunk.size(), MSG_DONTWAIT);
    if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) return std::nullopt;
    if (count <= 0) return kRunEnded;
    if (!m_reader.append(ByteView(chunk).first(static_cast<std::size_t>(count)))) return kRunProtocol;
    return take();
}

std::optional<int> Process::take() {
    while (true) {
        Result<std::optional<Record>> record = m_reader.next();
        if (!record) return kRunProtocol;
        if (!*record) return std::nullopt;
        if (const std::optional<int> status = handle(std::move(**record))) return status;
    }
}

std::optional<int> Process::handle(Record record) {
    if (const Hello* hello = std::get_if<Hello>(&record)) {
        if (hello->version != kLinkVersion) return kRunRefused;
        m_isGreeted = true;
        return std::nullopt;
    }
    if (!m_isGreeted) return kRunProtocol;
    m_hasStopped = m_hasStopped || std::holds_alternative<Stop>(record);
    m_worker.handle(std::move(record));
    return std::nullopt;
}

}  // namespace

int runWorker(int link, pid_t parent) {
    if (::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) return kRunFailed;
    // The parent may have ended before the call above: then nobody would tell.
    if (::getppid() != parent) return kRunEnded;
    av::silenceLibraries();
    const Result<std::unique_ptr<LinkWriter>> writer = LinkWriter::create(link);
    if (!writer) return kRunFailed;
    return Process(link, **writer).run();
}

}  // namespace live::transcode::worker
