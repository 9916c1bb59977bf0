// Keeps one broadcast encoded: owns its worker and the packets that a next worker needs, and replaces a worker that
// dies or stops progressing. One a broadcast, on the media thread.
//
// A new worker gets the job from the slot after the last published one, the checkpoint of that slot if the old worker
// sent one, and the cached input. The first time at once; then after 100, 200, 400 ms; after the fifth loss within 30 s
// the listener is told that the job kills its workers, and one is tried every 5 s. After the third loss within 30 s the
// cached packets are left out, because it may be them.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "server/transcode/link/packet_cache.h"
#include "server/transcode/link/worker.h"

namespace live::transcode {

struct Restart {
    WorkerLoss loss;
    media::SlotId firstSlot;  // where the new worker begins: frames of this slot and later are sent again, forget them
    std::uint32_t count = 0;  // restarts of this broadcast
    bool hasPicture = false;  // the new worker has a key frame to start from
    bool isInputSuspect = false;  // so many were lost that it is not given what was sent before
};

// On the media thread. None of these is called from within a call to the supervisor.
class SupervisorListener {
public:
    virtual ~SupervisorListener() = default;
    virtual void onOutputTrack(OutputTrack track) = 0;
    virtual void onOutputPacket(OutputPacket packet) = 0;
    virtual void onWorkerEvent(Event event) = 0;
    virtual void onHeartbeat(Heartbeat heartbeat) = 0;
    // A worker was lost and another one starts now. Its tracks and packets follow.
    virtual void onRestart(const Restart& restart) = 0;
    // The worker did not read fast enough: `total` input packets were left out in this broadcast.
    virtual void onInputDropped(std::uint64_t total) = 0;
    // Five workers were lost within 30 s; tried again every 5 s. Once until a worker has lived for 30 s.
    virtual void onGivenUp(const WorkerLoss& last) = 0;
    // After stop(): everything up to the last segment was published, or (`isComplete` false) can't be produced any
    // more. Nothing comes after it.
    virtual void onStopped(bool isComplete) = 0;
};

class Supervisor {
public:
    // `host` and `listener` outlive the supervisor.
    Supervisor(WorkerHost& host, SupervisorListener& listener);
    ~Supervisor();
    Supervisor(const Supervisor&) = delete;

    // Once. A worker that cannot be started counts as lost: there is nothing to handle here.
    void start(Job job);

    void input(const media::Track& track);
    void input(const media::Packet& packet);
    void inputLost();

    // The newest slot that viewers see, or will see for certain: complete in all renditions. A next worker begins after
    // it.
    void published(media::SlotId slot);
    // The filler segment has come: restarted workers need not make it again.
    void fillerReceived();
    // From the next worker on: filler is wanted once more.
    void wantFiller();
    // The worker's output cannot be used: it counts as lost, and another one takes its place.
    void replaceWorker(std::string reason);
    // Produce up to the end of `lastSegment`, then end; input is not taken any more. onStopped() follows when all of it
    // has been published, or 15 s later.
    void stop(std::int64_t lastSegment);

    std::int64_t workerPid() const;  // 0 without a worker
    std::uint32_t restarts() const;

private:
    class Impl;
    std::shared_ptr<Impl> m_impl;
};

}  // namespace live::transcode
