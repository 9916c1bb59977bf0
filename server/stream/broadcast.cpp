#include "server/stream/broadcast.h"

#include <algorithm>
#include <boost/asio/post.hpp>

namespace live::stream {

namespace {

constexpr Nanoseconds kMirrorDeadline = Milliseconds(20);
constexpr Nanoseconds kMirrorPatience = Seconds(1);  // then it is no longer late but stands
constexpr Nanoseconds kJournalInterval = Seconds(5);
constexpr Nanoseconds kFinishMargin = Seconds(3);

OutputTime inOutputTime(UnixTime time) { return OutputTime(time.time_since_epoch()); }

media::SlotId lastOf(media::SlotId next, const media::Grid& grid) { return grid.slot(grid.slotIndex(next) - 1); }

Nanoseconds slotDuration(const media::Grid& grid) {
    return Nanoseconds(grid.segmentDuration()) / grid.slotsPerSegment();
}

}  // namespace

Broadcast::Broadcast(BroadcastContext& context, std::unique_ptr<package::Packager> packager, media::OutputClock clock,
                     Publication& publication, OnAirListener& listener)
    : m_context(context),
      m_packager(std::move(packager)),
      m_clock(clock),
      m_publication(publication),
      m_listener(listener),
      m_logger(context.logger.with({{"stream_id", plan().stream.text()}, {"broadcast_id", plan().broadcast.text()}})),
      m_alive(std::make_shared<Broadcast*>(this)),
      m_showTimer(context.io) {}

Broadcast::~Broadcast() = default;

Result<std::unique_ptr<Broadcast>> Broadcast::start(BroadcastContext& context, media::BroadcastPlan plan,
                                                    media::OutputClock clock, Publication& publication,
                                                    OnAirListener& listener) {
    auto packager = LIVE_TRY(package::Packager::create(plan));
    std::unique_ptr<Broadcast> broadcast(new Broadcast(context, std::move(packager), clock, publication, listener));
    context.mirror.begin(plan);
    broadcast->writeJournal(false);
    broadcast->startWorker({plan.firstSegment, 0}, true);
    return broadcast;
}

void Broadcast::startWorker(media::SlotId firstSlot, bool wantsFiller) {
    if (wantsFiller) m_filler.resize(plan().renditions.size());
    m_host = m_context.makeHost([this] { return m_clock.mapping(); });
    m_supervisor = std::make_unique<transcode::Supervisor>(*m_host, *this);
    m_supervisor->start(
        {.plan = plan(), .firstSlot = firstSlot, .inputDelay = m_context.inputDelay, .wantsFiller = wantsFiller});
}

void Broadcast::inputTrack(media::Track track) {
    m_hasVideo |= track.kind == media::MediaKind::Video;
    m_supervisor->input(track);
}

void Broadcast::inputPacket(media::Packet packet, BootTime arrival) {
    packet.arrival = m_clock.at(arrival);
    m_health.packet(packet.kind);
    m_supervisor->input(packet);
}

void Broadcast::inputLost() {
    m_health.publisherGone();
    m_hasVideo = false;
    clear("picture");
    m_supervisor->inputLost();
}

void Broadcast::onOutputTrack(transcode::OutputTrack track) {
    const bool hadFiller = m_packager->hasFiller(track.rendition);
    if (auto taken = m_packager->track(track.rendition, track.configuration); !taken) {
        m_logger.error("packager.track_refused", {{"rendition", plan().renditions[track.rendition].id.text()},
                                                  {"error", taken.error().describe()}});
        return;
    }
    m_context.mirror.setInit(plan().broadcast, track.rendition, m_packager->newestInit(track.rendition));
    if (hadFiller && !m_packager->hasFiller(track.rendition)) wantFillerAnew();
}

void Broadcast::onOutputPacket(transcode::OutputPacket packet) {
    if (packet.isFiller) return takeFiller(std::move(packet));
    const std::size_t rendition = packet.rendition;
    published(m_packager->push(rendition,
                               {.frame = packet.frame,
                                .frameCount = packet.frameCount,
                                .isKey = packet.isKey,
                                .data = std::move(packet.data),
                                .encodedAt = packet.encodedAt},
                               m_context.clock.boot()),
              plan().renditions[rendition].id.text());
}

void Broadcast::takeFiller(transcode::OutputPacket packet) {
    const std::size_t rendition = packet.rendition;
    if (m_filler.empty() || m_filler[rendition].isComplete) return;
    auto& [frames, isComplete] = m_filler[rendition];
    if (packet.frame != static_cast<std::int64_t>(frames.size())) return;
    frames.push_back({.frame = packet.frame, .isKey = packet.isKey, .data = std::move(packet.data)});
    if (std::ssize(frames) < plan().grid.mostFrames(plan().track(rendition))) return;
    if (auto kept = m_packager->setFiller(rendition, std::exchange(frames, {})))
        m_context.mirror.setFiller(plan().broadcast, rendition, std::move(*kept));
    else
        m_logger.error("packager.filler_refused", {{"error", kept.error().describe()}});
    isComplete = true;
    if (m_packager->isShed(rendition) && isEncoded(rendition)) restore(rendition);  // it had nothing to come back with
    if (!std::ranges::all_of(m_filler, &CollectedFiller::isComplete)) return;
    m_filler.clear();
    m_supervisor->fillerReceived();
}

void Broadcast::onWorkerEvent(transcode::Event event) {
    using Kind = transcode::Event::Kind;
    switch (event.kind) {
        case Kind::FirstFrame:
            m_logger.info("worker.first_frame", {{"input", event.message}});
            clear("picture");
            break;
        case Kind::InputChanged:
        case Kind::InputBad: m_listener.inputWarning(event.message); break;
        case Kind::ShedFrames:
            raise("shed_frames." + plan().renditions[event.rendition].id.text(), event.message);
            break;
        case Kind::ShedRendition: shed(event.rendition); break;
        case Kind::Restored: restore(event.rendition); break;
        case Kind::Unsupported: m_listener.inputUnsupported(event.message); break;
        case Kind::Failed: m_logger.error("worker.failed", {{"message", event.message}}); break;
    }
}

void Broadcast::shed(std::size_t rendition) {
    const std::string& id = plan().renditions[rendition].id.text();
    clear("shed_frames." + id);
    raise("shed." + id, "encoding cannot keep up: rendition " + id + " is off");
    published(m_packager->shed(rendition, m_context.clock.boot()), id);
}

void Broadcast::restore(std::size_t rendition) {
    const std::string& id = plan().renditions[rendition].id.text();
    clear("shed_frames." + id);
    clear("shed." + id);
    if (!m_packager->isShed(rendition)) return;
    if (auto taken = m_packager->restoreShed(rendition, m_packager->boundary().segment); !taken)
        m_logger.error("packager.restore_refused", {{"rendition", id}, {"error", taken.error().describe()}});
}

void Broadcast::onHeartbeat(transcode::Heartbeat heartbeat) {
    for (const std::string& warning : m_health.heartbeat(heartbeat, m_context.clock.boot()))
        m_logger.warning("input.trouble", {{"message", warning}});
    m_heartbeat = std::move(heartbeat);
}

void Broadcast::onRestart(const transcode::Restart& restart) {
    m_packager->workerRestarted();
    m_health.workerStarted();
    m_logger.warning("worker.restarted", {{"reason", transcode::toString(restart.loss.kind)},
                                          {"message", restart.loss.message},
                                          {"restarts", restart.count}});
    // Packets are kept for 10 s: with key frames further apart a new worker has none to start from.
    if (m_hasVideo && !restart.hasPicture)
        raise("picture",
              restart.isInputSuspect
                  ? "no picture until the encoder's next key frame: workers were lost, perhaps over its input"
                  : "no picture until the encoder's next key frame; set its key frame interval to 2 s");
    restoreAll();
    // The new worker sends its filler from the beginning.
    for (CollectedFiller& filler : m_filler) filler.frames.clear();
}

void Broadcast::onInputDropped(std::uint64_t total) {
    m_listener.inputWarning("the worker is too slow for this input: packets are left out up to the next key frame");
    m_logger.warning("worker.input_dropped", {{"packets", total}});
}

void Broadcast::onGivenUp(const transcode::WorkerLoss& last) {
    raise("worker", "five workers were lost within 30 s: " + last.message);
}

// Not at once: a playlist that brings the last part and EXT-X-ENDLIST together makes hls.js stop before that part.
void Broadcast::onStopped(bool) { m_finishAt = m_context.clock.boot() + slotDuration(plan().grid); }

void Broadcast::published(Result<package::Publication> publication, std::string_view what) {
    if (!publication) {
        m_logger.error("packager.refused", {{"rendition", what}, {"error", publication.error().describe()}});
        if (m_supervisor) m_supervisor->replaceWorker(publication.error().message);
        return;
    }
    // EXT-X-DISCONTINUITY-SEQUENCE must not go back after a kill.
    if (m_packager->discontinuities() != m_journaledDiscontinuities) writeJournal(m_finishAt.has_value());
    for (package::PublishedSlot& slot : publication->published) commit(slot);
    // From here on the slot counts as published: it is shown whatever happens to its worker.
    if (m_supervisor && !publication->published.empty()) {
        m_supervisor->published(lastOf(m_packager->next(), plan().grid));
        if (publication->published.back().encodedAt != BootTime{}) clear("worker");
    }
    if (!publication->snapshot) return;
    const BootTime encodedAt = publication->published.empty() ? BootTime{} : publication->published.back().encodedAt;
    m_pending.push_back({publication->snapshot->newest, std::move(publication->snapshot), encodedAt});
    if (m_pending.size() > 1) return;
    m_showTimer.expires_after(kMirrorDeadline);
    // A wait that was over already is reported as such even after the timer is gone, and we with it.
    m_showTimer.async_wait([this, alive = std::weak_ptr(m_alive)](const boost::system::error_code& error) {
        if (!error && alive.lock() && !m_pending.empty()) show(m_pending.back().slot);
    });
}

std::move_only_function<void(Result<void>)> Broadcast::answered(std::function<void(const Result<void>&)> handle) {
    return [&io = m_context.io, alive = std::weak_ptr(m_alive), handle = std::move(handle)](Result<void> answer) {
        boost::asio::post(io, [alive, handle, answer = std::move(answer)] {
            if (alive.lock()) handle(answer);
        });
    };
}

void Broadcast::commit(package::PublishedSlot& slot) {
    const media::SlotId id = slot.slot.slot;
    if (m_unanswered++ == 0) m_mirrorMovedAt = m_context.clock.boot();
    m_context.mirror.commit(plan().broadcast, std::move(slot.slot), answered([this, id](const Result<void>& answer) {
                                mirrorAnswered(id, answer);
                                show(id);
                            }));
}

void Broadcast::mirrorAnswered(media::SlotId slot, const Result<void>& answer) {
    --m_unanswered;
    m_mirrorMovedAt = m_context.clock.boot();
    if (!answer) {
        m_unmirrored = std::max(m_unmirrored, slot);
        return raise("mirror", "some of what is listed would be filler after a restart: " + answer.error().describe());
    }
    const Seconds since((slot.segment - m_unmirrored.segment) * plan().grid.segmentDuration().count());
    if (since > plan().window) clear("mirror");  // what is missing there has left the list
}

void Broadcast::watchMirror() {
    if (m_unanswered > 0 && m_context.clock.boot() - m_mirrorMovedAt > kMirrorPatience)
        raise("mirror", "some of what is listed would be filler after a restart: the disk does not answer");
}

void Broadcast::show(media::SlotId upTo) {
    std::shared_ptr<const store::StreamSnapshot> newest;
    std::vector<BootTime> encoded;
    while (!m_pending.empty() && m_pending.front().slot <= upTo) {
        newest = std::move(m_pending.front().snapshot);
        if (const BootTime encodedAt = m_pending.front().encodedAt; encodedAt != BootTime{})
            encoded.push_back(encodedAt);
        m_pending.pop_front();
    }
    if (!newest) return;
    if (m_pending.empty()) m_showTimer.cancel();
    m_publication.publish(newest);
    const BootTime visible = m_context.clock.boot();
    for (const BootTime encodedAt : encoded)
        m_context.partPublishDelay.observe(std::chrono::duration<double>(visible - encodedAt).count());
    m_latency.published(
        plan().grid.partStart(plan().grid.video(), newest->newest),
        Milliseconds(m_heartbeat.inputDelayMs > 0 ? m_heartbeat.inputDelayMs : m_context.inputDelay.count()),
        m_clock.at(visible));
    m_context.mirror.trim(plan().broadcast, newest->renditions.back().removed.empty()
                                                ? newest->renditions.back().segments.front()->number
                                                : newest->renditions.back().removed.front()->number);
}

void Broadcast::end() {
    if (m_finishAt || m_isFinished) return;
    const Nanoseconds segment = plan().grid.segmentDuration();
    m_finishAt = m_context.clock.boot() + segment + kFinishMargin;
    writeJournal(true);  // a restart in the meantime does not bring it back
    m_supervisor->stop(m_packager->boundary().segment - 1);
}

void Broadcast::endNow() { finish(); }

void Broadcast::finish() {
    if (m_isFinished) return;
    m_isFinished = true;
    m_supervisor.reset();
    publishFinal();
    writeJournal(true);
    m_context.mirror.close(plan().broadcast);
    m_logger.info("broadcast.ended", {});
    m_listener.ended();
}

void Broadcast::publishFinal() {
    const BootTime now = m_context.clock.boot();
    m_packager->workerRestarted();
    if (m_packager->next().part != 0) published(m_packager->fillTo(m_packager->boundary(), now), "filler");
    published(m_packager->end(now), "end");
    if (m_pending.empty())
        m_publication.abandon();
    else
        show(m_pending.back().slot);
}

void Broadcast::tick() {
    const BootTime now = m_context.clock.boot();
    followClock();
    watchMirror();
    if (now >= m_nextJournal && !m_isFinished) writeJournal(m_finishAt.has_value());
    if (m_finishAt && now >= *m_finishAt) return finish();
    if (!m_finishAt && !m_isFinished) fillIfFarBehind();
}

void Broadcast::followClock() {
    const auto followed = m_clock.discipline(m_context.clock.boot(), inOutputTime(m_context.clock.unix()));
    if (followed == media::OutputClock::Discipline::Stepped)
        raise("clock", "the system clock was stepped by a second or more; this broadcast keeps its own time");
    else
        clear("clock");
}

void Broadcast::writeJournal(bool isEnded) {
    const BootTime now = m_context.clock.boot();
    m_nextJournal = now + kJournalInterval;
    m_journaledDiscontinuities = m_packager->discontinuities();
    m_context.journal->put({.plan = plan(),
                            .discontinuities = m_packager->discontinuities(),
                            .clockOffset = m_clock.offset(now),
                            .highWater = m_clock.at(now) + 2 * kJournalInterval,
                            .isEnded = isEnded},
                           answered([this](const Result<void>& answer) { journalAnswered(answer); }));
}

void Broadcast::journalAnswered(const Result<void>& answer) {
    if (answer) {
        m_isJournaled = true;
        return clear("journal");
    }
    const std::string after = m_finishAt || m_isFinished ? "a restart would bring the ended broadcast back: "
                              : m_isJournaled ? "a restart would resume this broadcast as it was some time ago: "
                                              : "a restart would lose this broadcast: ";
    raise("journal", after + answer.error().describe());
}

void Broadcast::raise(const std::string& alarm, std::string message) {
    const auto [entry, isNew] = m_alarms.insert_or_assign(alarm, std::move(message));
    if (isNew) m_logger.warning("alarm.raised", {{"alarm", alarm}, {"message", entry->second}});
}

void Broadcast::clear(const std::string& alarm) {
    if (m_alarms.erase(alarm) > 0) m_logger.info("alarm.cleared", {{"alarm", alarm}});
}

}  // namespace live::stream
