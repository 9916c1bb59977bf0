// Broadcasts and publishers that write down what is asked of them.
#pragma once

#include <QStringList>
#include <memory>
#include <optional>

#include "server/stream/on_air.h"

namespace live::test {

struct FakeOnAir final : stream::OnAir {
    explicit FakeOnAir(stream::OnAirListener& owner, QStringList& journal) : listener(owner), calls(journal) {
        frozen.broadcast = makeBroadcastId(UnixTime(Seconds(1)));
    }
    const media::BroadcastPlan& plan() const override { return frozen; }
    void inputTrack(media::Track) override { calls << "track"; }
    void inputPacket(media::Packet, BootTime) override { calls << "packet"; }
    void inputLost() override { calls << "lost"; }
    void end() override { calls << "end"; }
    void endNow() override {
        calls << "endNow";
        listener.ended();
    }
    void tick() override {}
    void describe(stream::StreamStats& stats) const override { stats.latencyMs = 1; }

    media::BroadcastPlan frozen;
    stream::OnAirListener& listener;
    QStringList& calls;
};

struct FakeStudio final : stream::Studio {
    void expect(const StreamId&) override { calls << "expect"; }
    void abandon(const StreamId&) override { calls << "abandon"; }
    void forget(const StreamId&) override { calls << "forget"; }
    void tick() override {}
    void describe(const StreamId&, stream::StreamStats& stats) const override { stats.alarms = alarms; }
    Result<std::unique_ptr<stream::OnAir>> start(const StreamId&, const BroadcastSettings&, const stream::ProbedInput&,
                                                 stream::OnAirListener& listener) override {
        calls << "start";
        auto made = std::make_unique<FakeOnAir>(listener, calls);
        last = made.get();
        return made;
    }
    QStringList calls;
    std::vector<std::string> alarms;  // without a broadcast
    FakeOnAir* last = nullptr;
};

struct FakePublisher final : media::Publisher {
    void close(media::Refusal refusal) override { refused = refusal; }
    std::optional<media::Refusal> refused;
};

// Audio alone is enough to go live once the probe's time is over.
inline void sendMedia(media::PublishSink& session) {
    session.onTrack({media::MediaKind::Audio, media::Codec::Aac, Buffer(Bytes{0x11, 0x90})});
    session.onPacket({.kind = media::MediaKind::Audio, .data = Buffer(Bytes(100))});
}

}  // namespace live::test
