// A child process with one end of a socket: what a worker is to the operating system.
//
// The child gets /dev/null as standard input, our standard error as standard output and error, the socket as descriptor
// 3 and nothing else; signals unblocked and at their defaults; a process group of its own, so that Ctrl-C in a terminal
// reaches the server only. It asks for PR_SET_PDEATHSIG itself, which is bound to the thread that spawned it: spawn
// from a thread that lives as long as the process. Here that is the media thread, which owns everything in this header.
#pragma once

#include <sys/types.h>

#include <boost/asio/any_io_executor.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/base/error.h"
#include "common/base/file_descriptor.h"

namespace live::transcode {

struct WorkerCommand {
    std::string program;                 // a path
    std::vector<std::string> arguments;  // without argv[0]
};

class WorkerProcess {
public:
    // "exited with status 3", "was killed by signal 9 (Killed)"
    using OnExit = std::function<void(std::string how)>;

    // The process and our end of its socket (non-blocking, close-on-exec). Io when the system has no process,
    // descriptor or program for us. `onExit` is called once, when the process has ended and been reaped, unless the
    // object is gone.
    struct Spawned;
    static Result<Spawned> spawn(boost::asio::any_io_executor executor, const WorkerCommand& command, OnExit onExit);

    WorkerProcess(WorkerProcess&&) noexcept = default;
    WorkerProcess& operator=(WorkerProcess&&) = delete;
    // Kills what still runs. It is reaped by the executor when it has ended; if the executor's context is destroyed
    // first, the wait for that is at most one second.
    ~WorkerProcess();

    pid_t pid() const;
    void kill();  // SIGKILL; onExit follows

private:
    struct State;
    explicit WorkerProcess(std::shared_ptr<State> state) : m_state(std::move(state)) {}
    std::shared_ptr<State> m_state;
};

struct WorkerProcess::Spawned {
    WorkerProcess process;
    FileDescriptor socket;
};

}  // namespace live::transcode
