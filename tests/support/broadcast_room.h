// A broadcast with everything real but its worker and its clock: packager, mirror on disk, directory.
#pragma once

#include <QTemporaryDir>
#include <boost/asio/io_context.hpp>
#include <utility>

#include "server/store/file_layer.h"
#include "server/stream/broadcast.h"
#include "tests/support/fake_encoder.h"

namespace live::test {

// Workers that say what the test makes them say.
struct FakeWorkerHost final : transcode::WorkerHost {
    struct Worker final : transcode::Worker {
        explicit Worker(FakeWorkerHost& theHost) : host(theHost) {}
        ~Worker() override { host.listener = nullptr; }
        void send(transcode::Record record) override { host.received.push_back(std::move(record)); }
        std::int64_t pid() const override { return 1; }
        FakeWorkerHost& host;
    };

    explicit FakeWorkerHost(const Clock& theClock) : clock(theClock) {}
    Result<std::unique_ptr<transcode::Worker>> start(transcode::Job job, transcode::WorkerListener& owner) override {
        jobs.push_back(std::move(job));
        listener = &owner;
        return std::make_unique<Worker>(*this);
    }
    void schedule(Nanoseconds delay, std::move_only_function<void()> action) override {
        later.emplace_back(clock.boot() + delay, std::move(action));
    }
    BootTime now() const override { return clock.boot(); }
    void runDue() {
        for (auto pending = std::exchange(later, {}); auto& [due, action] : pending) {
            if (due <= clock.boot())
                action();
            else
                later.emplace_back(due, std::move(action));
        }
    }

    const Clock& clock;
    std::vector<transcode::Job> jobs;
    std::vector<transcode::Record> received;
    transcode::WorkerListener* listener = nullptr;
    std::vector<std::pair<BootTime, std::move_only_function<void()>>> later;
};

struct BroadcastRoom : stream::OnAirListener, stream::Journal {
    explicit BroadcastRoom(media::BroadcastPlan thePlan)
        : plan(std::move(thePlan)),
          clock(UnixTime(plan.grid.segmentStart(plan.firstSegment + 1).time_since_epoch() + Milliseconds(500))),
          mirror(std::make_unique<store::Mirror>(root(), std::make_shared<store::SystemFileLayer>(), clock,
                                                 [](const store::MirrorTrouble&) {})) {}

    std::filesystem::path root() const { return folder.path().toStdString(); }
    stream::BroadcastContext context() {
        return {.io = io,
                .clock = clock,
                .mirror = *mirror,
                .journal = this,
                .makeHost =
                    [this](auto) {
                        auto made = std::make_unique<FakeWorkerHost>(clock);
                        host = made.get();
                        return made;
                    },
                .partPublishDelay = delays,
                .node = "test",
                .logger = {}};
    }
    OutputTime outputNow() const { return OutputTime(clock.unix().time_since_epoch()); }

    // What the worker sends first; another variant is another encoder's.
    void sendTracks(std::uint8_t variant = 0) {
        for (std::size_t i = 0; i < plan.renditions.size(); ++i)
            host->listener->onRecord(transcode::OutputTrack{static_cast<std::uint8_t>(i),
                                                            fakeConfiguration(plan.renditions[i].kind, variant)});
    }
    enum class Start : std::uint8_t { OnGrid, WithKey };
    // The frames of all renditions for [from, to); with a key frame first, as a new worker begins.
    void sendSlots(media::SlotId from, media::SlotId to, Start start = Start::OnGrid) {
        send(from, to, start);
        settle();
    }
    // The same without waiting for the mirror.
    void send(media::SlotId from, media::SlotId to, Start start = Start::OnGrid) {
        for (media::SlotId slot = from; slot < to; slot = plan.grid.next(slot))
            for (std::size_t i = 0; i < plan.renditions.size(); ++i) {
                bool isFirst = slot == from && start == Start::WithKey;
                for (const package::EncodedFrame& frame : fakeSlot(plan, i, slot)) {
                    const bool isVideo = plan.renditions[i].kind == media::MediaKind::Video;
                    const bool forceKey = std::exchange(isFirst, false) && isVideo;
                    if (!host->listener) return;
                    host->listener->onRecord(transcode::OutputPacket{
                        .rendition = static_cast<std::uint8_t>(i),
                        .isKey = frame.isKey || forceKey,
                        .frame = frame.frame,
                        .encodedAt = clock.boot(),
                        .data = forceKey ? fakeVideo(FakePicture::Idr, frame.frame) : frame.data});
                }
            }
    }
    // The filler of a rendition as a worker sends it, or the first `count` frames of it.
    void sendFiller(std::size_t rendition, std::int64_t count = INT64_MAX) {
        const media::TrackGrid track = plan.track(rendition);
        const auto all = mulDivCeil(plan.grid.segmentDuration().count(), track.timescale, track.frameTicks);
        const bool isAudio = plan.renditions[rendition].kind == media::MediaKind::Audio;
        for (std::int64_t frame = 0; frame < std::min(all, count); ++frame)
            host->listener->onRecord(transcode::OutputPacket{
                .rendition = static_cast<std::uint8_t>(rendition),
                .isKey = isAudio || frame == 0,
                .isFiller = true,
                .frame = frame,
                .data = isAudio ? fakeAudio(-1 - frame)
                                : fakeVideo(frame == 0 ? FakePicture::Idr : FakePicture::Other, -1 - frame)});
    }
    void sendFillers() {
        for (std::size_t i = 0; i < plan.renditions.size(); ++i) sendFiller(i);
        settle();
    }
    // Lets the mirror write and its answers come back.
    void settle() {
        mirror->flush();
        io.restart();
        io.poll();
    }

    void inputUnsupported(const std::string&) override {}
    void inputWarning(const std::string&) override {}
    void ended() override { ++endings; }
    void put(const stream::JournalEntry& entry, Done done) override {
        journal = entry;
        done(journalAnswer);
    }

    media::BroadcastPlan plan;
    ManualClock clock;
    QTemporaryDir folder;
    store::SystemFileLayer files;
    boost::asio::io_context io;
    std::unique_ptr<store::Mirror> mirror;
    observe::Histogram delays{std::span<const double>{}};
    FakeWorkerHost* host = nullptr;
    stream::JournalEntry journal;
    Result<void> journalAnswer;
    int endings = 0;
};

}  // namespace live::test
