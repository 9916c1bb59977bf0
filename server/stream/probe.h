// Looks at the first packets of a broadcast's first publisher, keeps them, and says when enough is known to freeze the
// plan. On the media thread; time is passed in.
#pragma once

#include <optional>
#include <variant>
#include <vector>

#include "server/media/publish.h"
#include "server/stream/planner.h"

namespace live::stream {

class Probe {
public:
    static constexpr Nanoseconds kLimit = Milliseconds(300);
    // What a publisher may send within the limit; beyond it the probe ends with what it has.
    static constexpr std::size_t kMaxBytes = 16 * 1024 * 1024;

    struct TimedPacket {
        media::Packet packet;
        BootTime arrival;
    };
    using Item = std::variant<media::Track, TimedPacket>;

    void track(media::Track track);
    void metadata(const media::PublishMetadata& metadata) { m_metadata = metadata; }
    void packet(media::Packet packet, BootTime arrival);

    // Enough is known, or the time or the space is used up. Counts from the first packet: encoders with lookahead send
    // their tracks seconds before it, and a publisher without media starts no broadcast.
    bool isDone(BootTime now) const;
    ProbedInput result() const;
    // Everything that came in, in order: to be handed to the broadcast.
    std::vector<Item> takeItems() { return std::move(m_items); }

private:
    // From the bitstream, else from the encoder's metadata.
    std::optional<Rational> announcedRate() const;
    Rational frameRate() const;
    Rational rateFromTimestamps() const;

    std::vector<Item> m_items;
    std::size_t m_bytes = 0;
    std::optional<BootTime> m_firstPacket;
    media::PublishMetadata m_metadata;
    bool m_hasVideo = false;
    bool m_hasAudio = false;
    bool m_hasCaptions = false;
    Rational m_spsRate{0, 1};
    std::uint32_t m_width = 0;
    std::uint32_t m_height = 0;
    std::vector<std::int64_t> m_videoPts;  // of the first pictures, in microseconds
};

}  // namespace live::stream
