// A worker on virtual time, and everything it said.
#pragma once

#include <map>
#include <set>
#include <vector>

#include "common/av/ptr.h"
#include "server/transcode/worker/worker.h"
#include "tests/integration/worker/media_file.h"

namespace live::test {

// 2 s, low, 30 fps: 640x360 and 320x180 and audio.
media::BroadcastPlan smallPlan(media::FrameRate rate = {30, 1}, std::uint32_t width = 640, std::uint32_t height = 360);

class WorkerRun {
public:
    explicit WorkerRun(media::BroadcastPlan plan = smallPlan()) : m_plan(std::move(plan)) { make(); }

    const media::BroadcastPlan& plan() const { return m_plan; }
    OutputTime now() const { return m_output0 + (m_clock.boot() - m_boot0); }
    // The first slot of the segment before now, as at the start of a broadcast.
    transcode::Job startJob() const;
    void start(const transcode::Job& job);
    void start() { start(startJob()); }
    // Another worker in the place of this one, which is gone at once with all it said.
    void replace(const transcode::Job& job);

    void send(transcode::Record record) { m_worker->handle(std::move(record)); }
    void sendTracks(const MediaFile& file);
    // Virtual time passes; the clock record comes every 100 ms as from the server.
    void pass(Nanoseconds time);
    // Tracks, then packets in real time: each arrives at its dts, counted from the first packet's.
    void play(const MediaFile& file);
    // The same, but with time stamps moved by so many ms.
    void playShifted(const MediaFile& file, const std::function<std::int64_t(const media::Packet&)>& shift);
    // Packets alone, one every `interval`, whatever their time stamps are.
    void playInOrder(const MediaFile& file, Nanoseconds interval);
    void stopAndFinish();

    // What came out.
    std::vector<transcode::Record> records() const;
    std::vector<transcode::OutputPacket> packets(std::size_t rendition) const;
    std::vector<transcode::OutputPacket> filler(std::size_t rendition) const;
    std::vector<transcode::Event> events(transcode::Event::Kind kind) const;
    std::vector<transcode::Checkpoint> checkpoints() const;
    transcode::Heartbeat lastHeartbeat() const;
    Buffer configuration(std::size_t rendition) const;
    bool isFinished() const { return m_worker->isFinished(); }

    // Empty when the rendition tiles the grid from the first slot on, with key frames at segment starts (and the first
    // frame) and nowhere else; otherwise what is wrong.
    QString gridErrors(std::size_t rendition, media::SlotId firstSlot) const;

    struct Shown {
        std::int64_t frame = 0;
        av::SharedFrame picture;
    };
    std::vector<Shown> decode(std::size_t rendition) const;

private:
    void make();
    void sendClock();

    media::BroadcastPlan m_plan;
    ManualClock m_clock{UnixTime(Seconds(1'780'000'001))};
    BootTime m_boot0 = m_clock.boot();
    OutputTime m_output0{Nanoseconds(Seconds(1'780'000'001)) + Milliseconds(437)};
    Nanoseconds m_sinceClock{};
    mutable std::mutex m_mutex;
    std::vector<transcode::Record> m_records;
    std::unique_ptr<transcode::worker::Worker> m_worker;
};

// Mean of each plane of a rectangle of a picture (even numbers).
struct Colour {
    double y = 0, u = 0, v = 0;
};
Colour meanColour(const AVFrame& picture, int x, int y, int width, int height);

}  // namespace live::test
