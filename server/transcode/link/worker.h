// One worker as its supervisor sees it, and where workers come from. The real ones are WorkerLink and ProcessHost
// (worker_link.h); tests have their own. Everything here lives on the media thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "common/base/error.h"
#include "common/base/time.h"
#include "server/transcode/link/records.h"

namespace live::transcode {

enum class LossKind : std::uint8_t {
    SpawnFailed,  // no process
    Exited,       // the process ended, by itself or by a signal
    LinkClosed,   // the link ended but the process did not
    Silent,       // no hello, no progress, or nothing heard at all in time
    Protocol,     // it sent what the link does not allow, or speaks another version
};

std::string_view toString(LossKind kind);  // "spawn_failed", "exited", …

struct WorkerLoss {
    LossKind kind = LossKind::Exited;
    std::string message;  // one sentence with pid, signal, numbers
};

class WorkerListener {
public:
    virtual ~WorkerListener() = default;
    // OutputTrack, OutputPacket, Checkpoint, Heartbeat and Event, in the order they were sent; renditions are checked
    // against the job's plan.
    virtual void onRecord(Record record) = 0;
    // The queue to the worker is full: input packets are left out up to the next video key frame. `total` of this
    // worker.
    virtual void onInputDropped(std::uint64_t total) = 0;
    // The worker is of no more use. Once, last, after every record that it sent; never from within a call to the
    // worker. The listener may destroy the worker in it.
    virtual void onLost(WorkerLoss loss) = 0;
};

// Destroying a worker ends its process. No callback comes after that.
class Worker {
public:
    virtual ~Worker() = default;
    // Never blocks. What is over the bound of the queue is dropped if it is input (WorkerListener::onInputDropped).
    virtual void send(Record record) = 0;
    virtual std::int64_t pid() const = 0;
};

class WorkerHost {
public:
    virtual ~WorkerHost() = default;
    // Starts a worker on `job`; hello, job and clock have been sent (queued) when it returns. `listener` outlives the
    // worker.
    virtual Result<std::unique_ptr<Worker>> start(Job job, WorkerListener& listener) = 0;
    // Calls `action` after `delay`, never from within schedule(). The caller guards against having gone by then.
    virtual void schedule(Nanoseconds delay, std::move_only_function<void()> action) = 0;
    virtual BootTime now() const = 0;
};

}  // namespace live::transcode
