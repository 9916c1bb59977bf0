// A publish point for tests of ingest: admits one key, remembers all that it is given, and checks the contract of
// server/media/publish.h while it does.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "server/media/publish.h"

namespace live::test {

class RecordingPublishPoint final : public media::PublishPoint {
public:
    struct Recording final : media::PublishSink {
        media::PublishRequest request;
        std::weak_ptr<media::Publisher> publisher;
        std::vector<media::Track> tracks;
        std::vector<media::PublishMetadata> metadata;
        std::vector<media::Packet> packets;
        std::optional<media::EndReason> end;
        std::string endedBecause;
        std::vector<std::string> violations;
        std::function<void(const media::Packet&)> whenPacket;

        void onTrack(media::Track track) override {
            check(!end, "a track after the end");
            tracks.push_back(std::move(track));
        }
        void onMetadata(const media::PublishMetadata& value) override {
            check(!end, "metadata after the end");
            metadata.push_back(value);
        }
        void onPacket(media::Packet packet) override {
            check(!end, "a packet after the end");
            check(std::ranges::any_of(tracks, [&](const auto& track) { return track.kind == packet.kind; }),
                  "a packet before its track");
            packets.push_back(std::move(packet));
            if (whenPacket) whenPacket(packets.back());
        }
        void onEnd(media::EndReason reason, std::string_view why) override {
            check(!end, "a second end");
            end = reason;
            endedBecause = why;
        }
        std::string_view streamId() const override { return "show"; }
        std::size_t count(media::MediaKind kind) const {
            return static_cast<std::size_t>(
                std::ranges::count_if(packets, [&](const auto& packet) { return packet.kind == kind; }));
        }

    private:
        void check(bool isFine, const char* what) {
            if (!isFine) violations.emplace_back(what);
        }
    };
    using Done = std::move_only_function<void(Answer)>;

    std::string key = "right-key";
    bool answersLater = false;
    std::vector<std::shared_ptr<Recording>> recordings;
    std::vector<std::string> refusedKeys;
    Done pending;  // with answersLater

    void publish(media::PublishRequest request, std::shared_ptr<media::Publisher> publisher, Done done) override {
        if (request.key != key) {
            refusedKeys.push_back(request.key);
            return done(std::unexpected(
                media::Refusal{media::RefusalReason::UnknownKey, "this stream key is not known; copy it again"}));
        }
        auto recording = std::make_shared<Recording>();
        recording->request = std::move(request);
        recording->publisher = publisher;
        recordings.push_back(recording);
        if (answersLater) {
            pending = std::move(done);
        } else {
            done(recording);
        }
    }
};

}  // namespace live::test
