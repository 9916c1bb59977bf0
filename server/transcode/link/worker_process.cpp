#include "server/transcode/link/worker_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <cerrno>
#include <cstring>
#include <utility>

extern char** environ;

namespace live::transcode {

namespace {

constexpr int kLinkDescriptor = 3;
constexpr int kLastWaitMs = 1000;

std::string describe(const siginfo_t& info) {
    if (info.si_code == CLD_EXITED) return "exited with status " + std::to_string(info.si_status);
    const char* name = sigdescr_np(info.si_status);
    return "was killed by signal " + std::to_string(info.si_status) + " (" + (name ? name : "unknown") + ")";
}

// The attributes and file actions of posix_spawn; both have to be destroyed.
struct SpawnSetup {
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_t actions;

    SpawnSetup() {
        posix_spawnattr_init(&attributes);
        posix_spawn_file_actions_init(&actions);
    }
    ~SpawnSetup() {
        posix_spawn_file_actions_destroy(&actions);
        posix_spawnattr_destroy(&attributes);
    }
    SpawnSetup(const SpawnSetup&) = delete;

    int prepare(int socket) {
        sigset_t none, all;
        sigemptyset(&none);
        sigfillset(&all);
        posix_spawnattr_setsigmask(&attributes, &none);
        posix_spawnattr_setsigdefault(&attributes, &all);
        posix_spawnattr_setpgroup(&attributes, 0);
        posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
        // The socket first: it may have any number. dup2 clears close-on-exec even onto itself.
        int error = posix_spawn_file_actions_adddup2(&actions, socket, kLinkDescriptor);
        if (error == 0) error = posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
        if (error == 0) error = posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO);
        if (error == 0) error = posix_spawn_file_actions_addclosefrom_np(&actions, kLinkDescriptor + 1);
        return error;
    }
};

Result<pid_t> spawnOn(int socket, const WorkerCommand& command) {
    std::vector<char*> arguments{const_cast<char*>(command.program.c_str())};
    for (const std::string& argument : command.arguments) arguments.push_back(const_cast<char*>(argument.c_str()));
    arguments.push_back(nullptr);
    SpawnSetup setup;
    pid_t pid = 0;
    int error = setup.prepare(socket);
    if (error == 0)
        error =
            posix_spawn(&pid, command.program.c_str(), &setup.actions, &setup.attributes, arguments.data(), environ);
    if (error != 0) return failErrno("start a worker process", error, command.program);
    return pid;
}

}  // namespace

// Kept alive by the wait for the end of the process, so that it is reaped after its owner has gone.
struct WorkerProcess::State : std::enable_shared_from_this<State> {
    State(boost::asio::any_io_executor executor, pid_t processId, int pidDescriptor, OnExit handler)
        : pid(processId), pidfd(executor, pidDescriptor), onExit(std::move(handler)) {}

    ~State() {
        if (isReaped) return;
        kill();
        pollfd waited{.fd = pidfd.native_handle(), .events = POLLIN, .revents = 0};
        while (::poll(&waited, 1, kLastWaitMs) < 0 && errno == EINTR) {
        }
        reap();
    }

    void kill() {
        if (!isReaped) ::kill(pid, SIGKILL);
    }

    // How the process ended, or nothing while it runs.
    std::string reap() {
        siginfo_t info{};
        if (::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOHANG) == 0 && info.si_pid == 0) return {};
        isReaped = true;
        return info.si_pid == pid ? describe(info) : "was reaped by someone else";
    }

    void waitForExit() {
        pidfd.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                         [self = shared_from_this()](boost::system::error_code error) {
                             if (error) return;
                             const std::string how = self->reap();
                             if (how.empty()) return self->waitForExit();
                             if (const OnExit handler = std::exchange(self->onExit, nullptr)) handler(how);
                         });
    }

    pid_t pid;
    boost::asio::posix::stream_descriptor pidfd;
    OnExit onExit;
    bool isReaped = false;
};

Result<WorkerProcess::Spawned> WorkerProcess::spawn(boost::asio::any_io_executor executor, const WorkerCommand& command,
                                                    OnExit onExit) {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return failErrno("socketpair", errno);
    FileDescriptor ours(ends[0]), theirs(ends[1]);
    // Only our end: the child may want to read its end with blocking calls.
    if (::fcntl(ours.value(), F_SETFL, O_NONBLOCK) != 0) return failErrno("fcntl", errno);
    const pid_t pid = LIVE_TRY(spawnOn(theirs.value(), command));
    // The header of glibc 2.36 declares pidfd_open without C linkage. The descriptor is close-on-exec by definition.
    const int pidfd = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
    if (pidfd < 0) {
        const int error = errno;
        ::kill(pid, SIGKILL);
        ::waitpid(pid, nullptr, 0);
        return failErrno("pidfd_open", error);
    }
    auto state = std::make_shared<State>(std::move(executor), pid, pidfd, std::move(onExit));
    state->waitForExit();
    return Spawned{WorkerProcess(std::move(state)), std::move(ours)};
}

WorkerProcess::~WorkerProcess() {
    if (!m_state) return;
    m_state->onExit = nullptr;
    m_state->kill();
}

pid_t WorkerProcess::pid() const { return m_state->pid; }

void WorkerProcess::kill() { m_state->kill(); }

}  // namespace live::transcode
