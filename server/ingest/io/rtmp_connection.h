// One TCP connection: moves bytes between the socket and the protocol core, and events to the stream.
// Owner thread: the media thread. Keeps itself alive while its socket is open.
//
// Reads go through one buffer shared by all connections, so an idle connection costs about 2 KiB. Writes that the peer
// does not take queue up to kMaxQueuedBytes; then the peer is disconnected.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <functional>
#include <memory>
#include <vector>

#include "common/base/clock.h"
#include "common/log/log.h"
#include "server/ingest/io/reason_log.h"
#include "server/ingest/io/rtmp_counters.h"
#include "server/ingest/io/write_queue.h"
#include "server/ingest/rtmp/refusal_ledger.h"
#include "server/ingest/rtmp/session.h"
#include "server/media/publish.h"

namespace live::ingest::io {

struct RtmpConfig {
    std::size_t maxConnections = 4096;
    std::uint32_t refusalsPerMinute = 10;  // that an address may go on with after ten at once; 0: any number
    Milliseconds handshakeDeadline{5000};  // from accept to the end of the handshake
    Milliseconds publishDeadline{10'000};  // from accept to publish
    // A publisher that sends no media for so long is dead, whatever else it says; the next sweep finds it.
    Milliseconds silence{5000};
    Milliseconds linger{1000};  // for the peer to read why, before the connection closes
};

// What all connections of a listener share; outlives the listener while handlers are in flight.
struct RtmpShared {
    RtmpConfig config;
    const Clock& clock;
    media::PublishPoint& publishPoint;
    log::Logger logger;
    RtmpCounters counters{};
    Bytes readBuffer = Bytes(std::size_t{64} * 1024);
    rtmp::RefusalLedger refusals{config.refusalsPerMinute};
    ReasonLog refusalLog{logger, "rtmp.refused"};
    ReasonLog errorLog{logger, "rtmp.protocol_error"};
};

class RtmpConnection final : public media::Publisher, public std::enable_shared_from_this<RtmpConnection> {
public:
    using Socket = boost::asio::ip::tcp::socket;
    using Endpoint = boost::asio::ip::tcp::endpoint;
    // Called once, when the socket has been closed.
    using Closed = std::move_only_function<void()>;

    static constexpr std::size_t kMaxQueuedBytes = std::size_t{256} * 1024;

    RtmpConnection(Socket socket, const Endpoint& peer, std::shared_ptr<RtmpShared> shared, std::uint64_t seed,
                   Closed closed);
    RtmpConnection(const RtmpConnection&) = delete;
    RtmpConnection& operator=(const RtmpConnection&) = delete;

    void start();
    // media::Publisher. The broadcaster is told why; the connection closes after RtmpConfig::linger.
    void close(media::Refusal refusal) override;
    // Sends what it can of what is waiting, then drops: for the end of the process.
    void sendAndDrop();
    // Closes now; the stream's onEnd(reason, why) is called before this returns.
    void drop(media::EndReason reason, std::string_view why = {});
    // Drops the connection if it has been silent for too long.
    void checkDeadline(BootTime now);

    bool isPublishing() const { return m_sink != nullptr; }

private:
    boost::asio::awaitable<void> run(std::shared_ptr<RtmpConnection> self);
    bool readSome();
    void receive(ByteView bytes);
    void countSeconds();
    void countDroppedFrames();
    void deliver(std::vector<rtmp::Event>& events);
    void handle(rtmp::PublishRequested& request);
    void handle(rtmp::Refused& refused);
    void admitted(media::PublishPoint::Answer answer);
    void accept(std::shared_ptr<media::PublishSink> sink);
    void protocolError(const Error& error);
    void chargeRefusal();
    void countRefusal(const media::Refusal& refusal);
    Trouble trouble(std::string message) const;
    void end(media::EndReason reason, std::string_view why = {});
    void beginLinger();
    // Sends what the core has; false when the connection had to be dropped or is broken.
    bool flush();
    void flushOrDrop();

    Socket m_socket;
    std::string m_peer;
    rtmp::RefusalLedger::Network m_network;
    std::shared_ptr<RtmpShared> m_shared;
    Closed m_closed;
    rtmp::Session m_session;
    std::shared_ptr<media::PublishSink> m_sink;  // while publishing
    std::string m_streamId;                      // once admitted
    BootTime m_acceptedAt;
    BootTime m_mediaAt;  // when the stream was given a packet last, or the publisher was admitted
    BootTime m_secondStart;
    BootTime m_lingerUntil = BootTime::max();
    WriteQueue m_queue;
    rtmp::MediaInput::Counters m_counted;  // what the listener's counters have of this session
    bool m_isWaitingToWrite = false;
};

}  // namespace live::ingest::io
