#include "server/transcode/worker/worker.h"

#include <algorithm>

#include "server/transcode/worker/filler.h"

namespace live::transcode::worker {

namespace {
constexpr Nanoseconds kHeartbeat = Milliseconds(500);
constexpr Nanoseconds kLongestWait = Milliseconds(100);

InputMapping mappingOf(const Job& job) {
    const InputMapping::Needed needed{.video = Milliseconds(60), .audio = AudioRung::kLead + Milliseconds(40)};
    InputMapping mapping(job.inputDelay, needed);
    if (job.checkpoint) mapping.restore(*job.checkpoint);
    return mapping;
}
}  // namespace

Worker::Broadcast::Broadcast(const Job& job, InputBuffer::Start start, Worker& worker, Playout::Encoders encoders)
    : buffer(start),
      input(mappingOf(job), buffer, worker.m_output, worker.m_clock),
      playout(job, std::move(encoders),
              {.clock = worker.m_playoutClock,
               .boot = worker.m_clock,
               .buffer = buffer,
               .input = input,
               .output = worker.m_output,
               .onFailure = [&worker](const Error& error) { worker.failed(error); }}) {}

Worker::Worker(const Clock& clock, Drive drive, Output::Emit out, std::function<void()> onFinished)
    : m_clock(clock),
      m_drive(drive),
      m_onFinished(std::move(onFinished)),
      m_output(std::move(out)),
      m_playoutClock(clock) {}

Worker::~Worker() {
    // The playout's thread starts the filler's: it goes first.
    m_thread.request_stop();
    if (m_thread.joinable()) m_thread.join();
    m_filler.request_stop();
    if (m_filler.joinable()) m_filler.join();
}

void Worker::handle(Record record) {
    if (const Job* job = std::get_if<Job>(&record)) return begin(*job);
    if (const ClockRecord* clock = std::get_if<ClockRecord>(&record)) return discipline(*clock);
    if (!m_broadcast) return;
    if (InputTrack* track = std::get_if<InputTrack>(&record)) {
        m_broadcast->input.track(std::move(track->track));
    } else if (const InputPacket* packet = std::get_if<InputPacket>(&record)) {
        m_broadcast->input.packet(packet->packet);
    } else if (std::holds_alternative<InputLost>(record)) {
        m_broadcast->input.lost();
    } else if (const Stop* stop = std::get_if<Stop>(&record)) {
        m_broadcast->playout.stop(stop->lastSegment);
        const std::lock_guard lock(m_mutex);
        m_isWoken = true;
        m_wake.notify_all();
    }
}

void Worker::begin(const Job& job) {
    if (m_broadcast) return;
    Result<Playout::Encoders> encoders = Playout::makeEncoders(job);
    if (!encoders) return failed(encoders.error());
    const InputBuffer::Start start{.video = job.plan.grid.video(),
                                   .firstFrame = job.plan.grid.firstFrame(job.plan.grid.video(), job.firstSlot),
                                   .firstSample = encoders->audio.nextSample()};
    m_broadcast = std::make_unique<Broadcast>(job, start, *this, std::move(*encoders));
    if (job.wantsFiller) m_fillerPlan = job.plan;
    m_lastHeartbeat = m_clock.boot();
    if (m_drive == Drive::Timer) m_thread = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

void Worker::discipline(const ClockRecord& record) {
    if (m_playoutClock.discipline(record.mapping) == media::OutputClock::Discipline::Following) return;
    m_output.event({.kind = Event::Kind::InputBad,
                    .message = "the server's output clock is more than 1 s away from this worker's"},
                   m_clock.boot());
}

void Worker::run(const std::stop_token& stop) {
    Playout& playout = m_broadcast->playout;
    while (!stop.stop_requested() && !m_isFinished) {
        heartbeatIfDue();
        if (const Nanoseconds wait = playout.untilDue(); wait > Nanoseconds(0)) {
            std::unique_lock lock(m_mutex);
            m_wake.wait_for(lock, stop, std::min(wait, kLongestWait), [this] { return m_isWoken; });
            m_isWoken = false;
            continue;
        }
        if (playout.isFinished()) return finish();
        playout.step();
        startFillerWhenLive();
    }
}

void Worker::settle() {
    if (!m_broadcast || m_isFinished) return;
    Playout& playout = m_broadcast->playout;
    m_broadcast->buffer.waitUntilIdle();
    while (!m_isFinished && playout.untilDue() == Nanoseconds(0)) {
        if (playout.isFinished()) return finish();
        m_broadcast->buffer.waitUntilIdle();
        playout.step();
        playout.waitForEncoders();
    }
    if (playout.isLive() && m_fillerPlan) encodeFillerNow({});
    heartbeatIfDue();
}

void Worker::heartbeatIfDue() {
    const BootTime now = m_clock.boot();
    if (now - m_lastHeartbeat < kHeartbeat) return;
    m_lastHeartbeat = now;
    Heartbeat heartbeat;
    m_broadcast->playout.fill(heartbeat);
    m_broadcast->input.fill(heartbeat);
    m_output.send(std::move(heartbeat));
}

void Worker::startFillerWhenLive() {
    if (!m_fillerPlan || !m_broadcast->playout.isLive()) return;
    m_filler = std::jthread([this, plan = *std::exchange(m_fillerPlan, std::nullopt)](const std::stop_token& stop) {
        lowerThreadPriority();
        if (const Result<void> done = encodeFiller(plan, m_output, m_clock, stop); !done) failed(done.error());
    });
}

void Worker::encodeFillerNow(const std::stop_token& stop) {
    const media::BroadcastPlan plan = *std::exchange(m_fillerPlan, std::nullopt);
    if (const Result<void> done = encodeFiller(plan, m_output, m_clock, stop); !done) failed(done.error());
}

void Worker::finish() {
    m_broadcast->playout.waitForEncoders();
    if (!m_isFinished.exchange(true)) m_onFinished();
}

void Worker::failed(const Error& error) {
    if (m_hasFailed.exchange(true)) return;
    // Before the flag: whoever sees it set may leave once everything that was emitted has been sent.
    m_output.event({.kind = Event::Kind::Failed, .message = error.describe()}, m_clock.boot());
    if (!m_isFinished.exchange(true)) m_onFinished();
}

}  // namespace live::transcode::worker
