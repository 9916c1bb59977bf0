// A worker in a child process, behind the records of the link. Everything on the thread that runs the executor: the
// media thread.
//
// Sends hello, job and clock at once, the clock again every 100 ms. Takes the worker for lost when its process or its
// link ends, when it breaks the protocol or speaks another version, and when the watchdog says so (progress_watchdog.h;
// no hello within 3 s is silence). What a dying worker had sent is delivered before onLost(). Pressure: at most
// `maxQueuedBytes` wait for a worker that does not read; over that, input packets are dropped up to the next key frame
// of video.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <functional>
#include <memory>

#include "common/base/clock.h"
#include "server/media/output_clock.h"
#include "server/transcode/link/progress_watchdog.h"
#include "server/transcode/link/worker.h"
#include "server/transcode/link/worker_process.h"

namespace live::transcode {

struct LinkOptions {
    WorkerCommand command;
    ProgressWatchdog::Limits watchdog;
    // Holds a whole replay of the packet cache and some seconds of input; data is shared with the cache until written.
    std::size_t maxQueuedBytes = 48 * 1024 * 1024;
    // How long the end of the process waits for the end of the link, and the other way round.
    Nanoseconds exitGrace = Milliseconds(200);
};

class WorkerLink final : public Worker {
public:
    using Mapping = std::function<media::ClockMapping()>;  // the broadcast's output clock now

    // `clock` and `listener` outlive the link. Errors: those of WorkerProcess::spawn().
    static Result<std::unique_ptr<WorkerLink>> start(boost::asio::any_io_executor executor, const Clock& clock,
                                                     const LinkOptions& options, Mapping mapping, Job job,
                                                     WorkerListener& listener);
    ~WorkerLink() override;

    void send(Record record) override;
    std::int64_t pid() const override;

private:
    class Impl;
    explicit WorkerLink(std::shared_ptr<Impl> impl) : m_impl(std::move(impl)) {}
    std::shared_ptr<Impl> m_impl;
};

// Workers of one broadcast as child processes, timers on the executor. Media thread.
class ProcessHost final : public WorkerHost {
public:
    ProcessHost(boost::asio::any_io_executor executor, const Clock& clock, LinkOptions options,
                WorkerLink::Mapping mapping);

    Result<std::unique_ptr<Worker>> start(Job job, WorkerListener& listener) override;
    void schedule(Nanoseconds delay, std::move_only_function<void()> action) override;
    BootTime now() const override { return m_clock.boot(); }

private:
    boost::asio::any_io_executor m_executor;
    const Clock& m_clock;
    LinkOptions m_options;
    WorkerLink::Mapping m_mapping;
};

}  // namespace live::transcode
