// A worker as a process of its own, on real time, and our end of its link.
#pragma once

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <QCoreApplication>
#include <QProcess>
#include <optional>

#include "common/base/clock.h"
#include "server/transcode/link/codec.h"

namespace live::test {

// One thread may send while another receives.
class WorkerProcess {
public:
    explicit WorkerProcess(qint64 parent = QCoreApplication::applicationPid()) {
        int ends[2] = {-1, -1};
        // Not close-on-exec: the child inherits both, and closes ours by ending.
        if (::socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0) qFatal("socketpair");
        m_link = ends[0];
        ::fcntl(m_link, F_SETFD, FD_CLOEXEC);
        const QStringList arguments{"--link-fd", QString::number(ends[1]), "--parent", QString::number(parent)};
        m_process.setProcessChannelMode(QProcess::ForwardedErrorChannel);
        m_process.start(WORKER_PROGRAM, arguments);
        m_process.waitForStarted();
        ::close(ends[1]);
    }
    ~WorkerProcess() {
        hangUp();
        m_process.kill();
        m_process.waitForFinished();
    }

    void send(const transcode::Record& record) { sendBytes(transcode::encode(record)); }
    void sendBytes(const Bytes& bytes) {
        ByteView rest = bytes;
        while (!rest.empty()) {
            const ssize_t sent = ::send(m_link, rest.data(), rest.size(), MSG_NOSIGNAL);
            if (sent <= 0) return;
            rest = rest.subspan(static_cast<std::size_t>(sent));
        }
    }
    // The next record; nothing at the end of the link.
    std::optional<transcode::Record> receive() {
        while (true) {
            Result<std::optional<transcode::Record>> record = m_reader.next();
            if (!record) return std::nullopt;
            if (*record) return std::move(*record);
            Bytes chunk(65536);
            const ssize_t count = ::recv(m_link, chunk.data(), chunk.size(), 0);
            if (count <= 0 || !m_reader.append(ByteView(chunk).first(static_cast<std::size_t>(count))))
                return std::nullopt;
        }
    }
    void hangUp() {
        if (m_link >= 0) ::close(m_link);
        m_link = -1;
    }
    int exitStatus() {
        if (!m_process.waitForFinished(20'000)) return -1;
        return m_process.exitStatus() == QProcess::NormalExit ? m_process.exitCode() : -2;
    }

private:
    int m_link = -1;
    QProcess m_process;
    transcode::RecordReader m_reader;
};

inline transcode::ClockRecord clockOf(const SystemClock& clock) {
    return {{clock.boot(), OutputTime(clock.unix().time_since_epoch()), 0}};
}

}  // namespace live::test
