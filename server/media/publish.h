// The contract between an ingest protocol and the stream it feeds. Both sides live on the media thread; no call blocks.
//
//   session ──PublishPoint::publish(request, publisher)──► stream      accepted: a PublishSink; refused: a Refusal
//   session ──PublishSink::onTrack/onMetadata/onPacket/onEnd──► stream
//   stream  ──Publisher::close(refusal)──► session
#pragma once

#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/error.h"
#include "server/media/packet.h"

namespace live::media {

struct PublishRequest {
    std::string key;          // as the broadcaster sent it; secret: never logged
    std::string protocol;     // "rtmp"
    std::string application;  // "live" or "app"
    std::string peer;         // "address:port"
    std::string encoder;      // what the encoder calls itself (flashVer); may be empty
};

enum class RefusalReason : std::uint8_t {
    UnknownKey,
    StreamDisabled,
    Held,              // an operator stopped the stream and the key is refused for a while
    KeyShared,         // two encoders take the stream over from each other
    TakenOver,         // a newer publisher with the same key has taken over
    Stopped,           // an operator ended the broadcast
    UnsupportedMedia,  // a codec or format we do not take; the message names it
    Overloaded,        // this node takes no new stream now
    ShuttingDown,
};

struct Refusal {
    RefusalReason reason = RefusalReason::UnknownKey;
    std::string message;        // one sentence that tells the broadcaster what to do
    std::string streamId = {};  // whose key it is, for the log; empty: not known
};

// What the encoder says about its stream (onMetaData); hints only, never trusted over the bitstream.
struct PublishMetadata {
    std::optional<double> frameRate;
    std::optional<std::uint32_t> width;
    std::optional<std::uint32_t> height;
    std::optional<bool> hasVideo;
    std::optional<bool> hasAudio;
};

enum class EndReason : std::uint8_t {
    Unpublished,     // the broadcaster ended cleanly (FCUnpublish, deleteStream)
    ConnectionLost,  // closed, reset, or no media for the dead-peer time
    ProtocolError,
    Closed,  // closed by us: through Publisher::close(), or the ingest refused what came
};

// The stream's end of one publisher. onTrack comes before the first packet of its kind and again when the decoder
// configuration changes. onEnd comes exactly once, last.
class PublishSink {
public:
    virtual ~PublishSink() = default;
    virtual void onTrack(Track track) = 0;
    virtual void onMetadata(const PublishMetadata& metadata) = 0;
    virtual void onPacket(Packet packet) = 0;
    // `why` is for the log; empty: there is no more to say than the reason.
    virtual void onEnd(EndReason reason, std::string_view why = {}) = 0;
    virtual std::string_view streamId() const = 0;
};

// The ingest's end of one publisher.
class Publisher {
public:
    virtual ~Publisher() = default;
    // Tells the broadcaster why, in the protocol's own words, and disconnects. onEnd(Closed) follows, not from within.
    virtual void close(Refusal refusal) = 0;
};

class PublishPoint {
public:
    using Answer = std::expected<std::shared_ptr<PublishSink>, Refusal>;

    virtual ~PublishPoint() = default;
    // Calls `done` exactly once, on the media thread, possibly before returning. `publisher` is held weakly by the
    // sink.
    virtual void publish(PublishRequest request, std::shared_ptr<Publisher> publisher,
                         std::move_only_function<void(Answer)> done) = 0;
};

}  // namespace live::media
