// A broadcast on air: its output clock, worker, packager, mirror and publication, wired together.
//
//   input ─► Supervisor ─► worker ─► onOutputPacket ─► Packager ─► slot ─► Mirror ─► Publication ─► viewers
//
// A slot is shown when the mirror has it, or 20 ms later if it does not: what viewers have seen is there after a kill.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "common/base/clock.h"
#include "common/log/log.h"
#include "server/media/output_clock.h"
#include "server/observe/histogram.h"
#include "server/package/packager.h"
#include "server/store/mirror.h"
#include "server/stream/input_health.h"
#include "server/stream/journal.h"
#include "server/stream/latency_meter.h"
#include "server/stream/on_air.h"
#include "server/stream/publication.h"
#include "server/transcode/link/supervisor.h"

namespace live::stream {

// What all broadcasts of a node share; outlives them.
struct BroadcastContext {
    // A host for one broadcast's workers; it asks for the broadcast's clock.
    using MakeHost = std::function<std::unique_ptr<transcode::WorkerHost>(std::function<media::ClockMapping()>)>;

    boost::asio::io_context& io;
    const Clock& clock;
    store::Mirror& mirror;
    Journal* journal;
    MakeHost makeHost;
    observe::Histogram& partPublishDelay;  // seconds from the encoder to the viewers' directory
    std::string node;
    Milliseconds inputDelay{200};
    log::Logger logger;
};

// What is left of a broadcast that a restart interrupted.
struct Remains {
    JournalEntry entry;
    store::MirroredBroadcast mirrored;
    bool isSameBoot = false;  // the entry's clock offset is valid
};

// On the media thread.
class Broadcast final : public OnAir, public transcode::SupervisorListener {
public:
    static Result<std::unique_ptr<Broadcast>> start(BroadcastContext& context, media::BroadcastPlan plan,
                                                    media::OutputClock clock, Publication& publication,
                                                    OnAirListener& listener);
    // Lists the same segments again, then filler up to the next boundary, and goes on there without input. Timeout if
    // the broadcast had ended or was away for more than kLongestAbsence: then its final playlist is published instead.
    static Result<std::unique_ptr<Broadcast>> resume(BroadcastContext& context, Remains remains,
                                                     Publication& publication, OnAirListener& listener);
    // Further behind its clock (a suspended machine, workers that keep dying) a broadcast goes on with filler instead
    // of making up for what was missed: packets are not kept for longer either. Until it has been on time once, two
    // segments further.
    static constexpr Nanoseconds kLongestCatchUp = Seconds(10);

    ~Broadcast() override;

    const media::BroadcastPlan& plan() const override { return m_packager->plan(); }
    void inputTrack(media::Track track) override;
    void inputPacket(media::Packet packet, BootTime arrival) override;
    void inputLost() override;
    void end() override;
    void endNow() override;
    void tick() override;
    void describe(StreamStats& stats) const override;

private:
    struct Pending {
        media::SlotId slot;
        std::shared_ptr<const store::StreamSnapshot> snapshot;
        BootTime encodedAt;  // the epoch for filler
    };
    struct CollectedFiller {
        std::vector<package::EncodedFrame> frames;
        bool isComplete = false;
    };

    Broadcast(BroadcastContext& context, std::unique_ptr<package::Packager> packager, media::OutputClock clock,
              Publication& publication, OnAirListener& listener);
    void startWorker(media::SlotId firstSlot, bool wantsFiller);
    Result<void> goOnAfterRestart();
    media::SlotId boundaryAfterNow() const;

    void onOutputTrack(transcode::OutputTrack track) override;
    void onOutputPacket(transcode::OutputPacket packet) override;
    void onWorkerEvent(transcode::Event event) override;
    void onHeartbeat(transcode::Heartbeat heartbeat) override;
    void onRestart(const transcode::Restart& restart) override;
    void onInputDropped(std::uint64_t total) override;
    void onGivenUp(const transcode::WorkerLoss& last) override;
    void onStopped(bool isComplete) override;

    void takeFiller(transcode::OutputPacket packet);
    void shed(std::size_t rendition);
    void restore(std::size_t rendition);
    void restoreAll();
    void wantFillerAnew();
    bool isEncoded(std::size_t rendition) const;
    void published(Result<package::Publication> publication, std::string_view what);
    // For the answer of another thread: calls `handle` on this one, if we are still there.
    std::move_only_function<void(Result<void>)> answered(std::function<void(const Result<void>&)> handle);
    void commit(package::PublishedSlot& slot);
    void mirrorAnswered(media::SlotId slot, const Result<void>& answer);
    void watchMirror();
    void show(media::SlotId upTo);
    void finish();
    void publishFinal();
    void writeJournal(bool isEnded);
    void journalAnswered(const Result<void>& answer);
    void followClock();
    void fillIfFarBehind();
    void raise(const std::string& alarm, std::string message);
    void clear(const std::string& alarm);

    BroadcastContext& m_context;
    std::unique_ptr<package::Packager> m_packager;
    media::OutputClock m_clock;
    Publication& m_publication;
    OnAirListener& m_listener;
    log::Logger m_logger;
    std::shared_ptr<Broadcast*> m_alive;  // callbacks from other threads hold it weakly

    boost::asio::steady_timer m_showTimer;
    std::deque<Pending> m_pending;  // waiting for the mirror
    std::size_t m_unanswered = 0;   // slots that it was given
    BootTime m_mirrorMovedAt{};     // or had nothing to do
    media::SlotId m_unmirrored{};   // the newest slot that it could not take
    std::unique_ptr<transcode::WorkerHost> m_host;
    std::unique_ptr<transcode::Supervisor> m_supervisor;

    std::vector<CollectedFiller> m_filler;  // by rendition; empty once the broadcast has all of it
    transcode::Heartbeat m_heartbeat;
    InputHealth m_health;
    bool m_hasVideo = false;  // the input
    LatencyMeter m_latency;
    std::map<std::string, std::string> m_alarms;
    // When the final playlist comes: of a worker that does not finish, at its deadline.
    std::optional<BootTime> m_finishAt;
    bool m_isFinished = false;
    bool m_hasBeenOnTime = false;
    BootTime m_nextJournal{};
    bool m_isJournaled = false;  // as it was at some time
    std::uint32_t m_journaledDiscontinuities = 0;
};

}  // namespace live::stream
