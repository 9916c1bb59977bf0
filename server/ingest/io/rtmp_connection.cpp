#include "server/ingest/io/rtmp_connection.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "server/ingest/io/accepted_socket.h"

namespace live::ingest::io {

namespace asio = boost::asio;
using boost::system::error_code;
using media::EndReason;
using Phase = rtmp::Session::Phase;

RtmpConnection::RtmpConnection(Socket socket, const Endpoint& peer, std::shared_ptr<RtmpShared> shared,
                               std::uint64_t seed, Closed closed)
    : m_socket(std::move(socket)),
      m_peer(toText(peer)),
      m_network(networkOf(peer)),
      m_shared(std::move(shared)),
      m_closed(std::move(closed)),
      m_session(seed),
      m_acceptedAt(m_shared->clock.boot()),
      m_mediaAt(m_acceptedAt),
      m_secondStart(m_acceptedAt) {}

void RtmpConnection::start() { asio::co_spawn(m_socket.get_executor(), run(shared_from_this()), asio::detached); }

asio::awaitable<void> RtmpConnection::run([[maybe_unused]] std::shared_ptr<RtmpConnection> self) {
    while (m_socket.is_open()) {
        const auto [error] = co_await m_socket.async_wait(Socket::wait_read, asio::as_tuple(asio::use_awaitable));
        if (error || !readSome()) break;
    }
    drop(EndReason::ConnectionLost);
}

// One read a turn, so that no publisher keeps the others waiting. False when the peer has closed.
bool RtmpConnection::readSome() {
    error_code error;
    const std::size_t count = m_socket.read_some(asio::buffer(m_shared->readBuffer), error);
    if (error == asio::error::would_block) return true;
    if (error) return false;
    m_shared->counters.bytesReceived += count;
    receive(ByteView(m_shared->readBuffer).first(count));
    return m_socket.is_open();
}

void RtmpConnection::countSeconds() {
    const BootTime now = m_shared->clock.boot();
    if (now - m_secondStart < Seconds(1)) return;
    m_secondStart = now;
    m_session.startSecond();
}

void RtmpConnection::countDroppedFrames() {
    const rtmp::MediaInput::Counters now = m_session.mediaCounters();
    const rtmp::MediaInput::Counters before = std::exchange(m_counted, now);
    m_shared->counters.damagedFrames += now.damagedFrames - before.damagedFrames;
    m_shared->counters.earlyFrames += now.earlyFrames - before.earlyFrames;
}

void RtmpConnection::receive(ByteView bytes) {
    countSeconds();
    std::vector<rtmp::Event> events;
    const Result<void> result = m_session.receive(bytes, events);
    countDroppedFrames();
    deliver(events);
    flushOrDrop();
    if (!result) protocolError(result.error());
}

// Stops when the stream closes us from within one of its calls.
void RtmpConnection::deliver(std::vector<rtmp::Event>& events) {
    for (rtmp::Event& event : events) {
        if (auto* request = std::get_if<rtmp::PublishRequested>(&event)) {
            handle(*request);
        } else if (auto* refused = std::get_if<rtmp::Refused>(&event)) {
            handle(*refused);
        } else if (!m_sink || m_lingerUntil != BootTime::max()) {
            return;
        } else if (auto* track = std::get_if<media::Track>(&event)) {
            m_sink->onTrack(std::move(*track));
        } else if (auto* metadata = std::get_if<media::PublishMetadata>(&event)) {
            m_sink->onMetadata(*metadata);
        } else if (auto* packet = std::get_if<media::Packet>(&event)) {
            m_mediaAt = m_shared->clock.boot();
            m_sink->onPacket(std::move(*packet));
        } else {
            beginLinger();
            end(EndReason::Unpublished);
        }
    }
}

void RtmpConnection::handle(rtmp::PublishRequested& request) {
    media::PublishRequest publish{std::move(request.key), "rtmp", std::move(request.application), m_peer,
                                  std::move(request.encoder)};
    m_shared->publishPoint.publish(std::move(publish), shared_from_this(),
                                   [weak = weak_from_this()](media::PublishPoint::Answer answer) {
                                       if (const auto self = weak.lock()) {
                                           self->admitted(std::move(answer));
                                       } else if (answer) {
                                           (*answer)->onEnd(EndReason::ConnectionLost);
                                       }
                                   });
}

void RtmpConnection::handle(rtmp::Refused& refused) {
    beginLinger();
    if (refused.reason) {
        countRefusal({*refused.reason, refused.message});
    } else {
        ++m_shared->counters.unknownApplication;
        m_shared->refusalLog.add(trouble(refused.message), m_shared->clock.boot());
        chargeRefusal();
    }
    end(EndReason::Closed, "refused: " + refused.message);
}

void RtmpConnection::admitted(media::PublishPoint::Answer answer) {
    const bool isWaiting = m_socket.is_open() && m_session.phase() == Phase::AwaitingAdmission;
    if (!isWaiting) {
        if (answer) (*answer)->onEnd(EndReason::ConnectionLost);
    } else if (answer) {
        accept(std::move(*answer));
    } else {
        m_session.refuse(answer.error());
        countRefusal(answer.error());
        beginLinger();
        flushOrDrop();
    }
}

void RtmpConnection::accept(std::shared_ptr<media::PublishSink> sink) {
    m_sink = std::move(sink);
    m_streamId = m_sink->streamId();
    m_mediaAt = m_shared->clock.boot();
    ++m_shared->counters.published;
    ++m_shared->counters.publishing;
    m_shared->refusals.publishes(m_network);
    std::vector<rtmp::Event> events;
    const Result<void> result = m_session.accept(events);
    countDroppedFrames();
    deliver(events);
    flushOrDrop();
    if (!result) protocolError(result.error());
}

void RtmpConnection::close(media::Refusal refusal) {
    if (!m_socket.is_open() || m_session.phase() == Phase::Closing) return;
    m_session.close(refusal);
    countRefusal(refusal);
    beginLinger();
    // Not from within: the caller is the stream, perhaps in the middle of a call of ours.
    asio::post(m_socket.get_executor(), [self = shared_from_this(), why = std::move(refusal.message)] {
        self->end(EndReason::Closed, why);
        self->flushOrDrop();
    });
}

void RtmpConnection::protocolError(const Error& error) {
    if (!m_socket.is_open()) return;
    ++m_shared->counters.protocolErrors;
    m_shared->errorLog.add(trouble(error.message), m_shared->clock.boot());
    drop(EndReason::ProtocolError, "protocol error: " + error.message);
    chargeRefusal();
}

void RtmpConnection::chargeRefusal() { m_shared->refusals.refused(m_network, m_shared->clock.boot()); }

void RtmpConnection::countRefusal(const media::Refusal& refusal) {
    ++m_shared->counters.refusal(refusal.reason);
    if (refusal.reason == media::RefusalReason::UnknownKey) chargeRefusal();
    Trouble what = trouble(refusal.message);
    if (what.streamId.empty()) what.streamId = refusal.streamId;
    m_shared->refusalLog.add(what, m_shared->clock.boot());
}

Trouble RtmpConnection::trouble(std::string message) const { return {m_peer, m_streamId, std::move(message)}; }

void RtmpConnection::end(EndReason reason, std::string_view why) {
    if (!m_sink) return;
    --m_shared->counters.publishing;
    m_shared->refusals.publishesNoMore(m_network);
    std::exchange(m_sink, nullptr)->onEnd(reason, why);
}

void RtmpConnection::beginLinger() {
    if (m_lingerUntil == BootTime::max()) m_lingerUntil = m_shared->clock.boot() + m_shared->config.linger;
}

void RtmpConnection::sendAndDrop() {
    flush();
    drop(EndReason::Closed, "the server is stopping");
}

void RtmpConnection::drop(EndReason reason, std::string_view why) {
    const auto self = shared_from_this();
    end(reason, why);
    if (!m_socket.is_open()) return;
    error_code ignored;
    static_cast<void>(m_socket.shutdown(Socket::shutdown_send, ignored));
    static_cast<void>(m_socket.close(ignored));
    if (m_closed) std::exchange(m_closed, nullptr)();
}

void RtmpConnection::checkDeadline(BootTime now) {
    const RtmpConfig& config = m_shared->config;
    RtmpCounters& counters = m_shared->counters;
    const bool isCharged = m_session.phase() == Phase::Handshake || m_session.phase() == Phase::Negotiating;
    const auto dropAfter = [&](BootTime deadline, std::uint64_t* counter, std::string_view why = {}) {
        if (now < deadline) return;
        if (counter) ++*counter;
        if (isCharged) chargeRefusal();
        drop(EndReason::ConnectionLost, why);
    };
    if (m_lingerUntil != BootTime::max()) return dropAfter(m_lingerUntil, nullptr);
    switch (m_session.phase()) {
        case Phase::Handshake: return dropAfter(m_acceptedAt + config.handshakeDeadline, &counters.handshakeTimeouts);
        case Phase::Negotiating: return dropAfter(m_acceptedAt + config.publishDeadline, &counters.publishTimeouts);
        case Phase::AwaitingAdmission: return;  // the one who is asked has its own deadline
        case Phase::Publishing:
            return dropAfter(m_mediaAt + config.silence, &counters.deadPeers, "the encoder sent no more media");
        case Phase::Closing: return;
    }
}

bool RtmpConnection::flush() {
    m_queue.push(m_session.takeOutput());
    if (m_isWaitingToWrite || !m_socket.is_open()) return m_queue.size() <= kMaxQueuedBytes;
    error_code error;
    while (!m_queue.empty() && !error) {
        const ByteView next = m_queue.unsent();
        const std::size_t count = m_socket.write_some(asio::buffer(next.data(), next.size()), error);
        m_queue.taken(count);
        m_shared->counters.bytesSent += count;
    }
    if (m_queue.empty()) return true;
    if (error != asio::error::would_block) return false;
    m_isWaitingToWrite = true;
    m_socket.async_wait(Socket::wait_write, [self = shared_from_this()](error_code failed) {
        self->m_isWaitingToWrite = false;
        if (!failed) self->flushOrDrop();
    });
    return m_queue.size() <= kMaxQueuedBytes;
}

void RtmpConnection::flushOrDrop() {
    if (flush()) return;
    if (m_queue.size() <= kMaxQueuedBytes) return drop(EndReason::ConnectionLost);
    ++m_shared->counters.stalledWrites;
    drop(EndReason::ConnectionLost, "the encoder does not read the server's answers");
}

}  // namespace live::ingest::io
