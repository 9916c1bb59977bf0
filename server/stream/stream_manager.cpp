#include "server/stream/stream_manager.h"

#include <boost/asio/post.hpp>

namespace live::stream {

using media::Refusal;
using media::RefusalReason;

StreamManager::StreamManager(boost::asio::io_context& context, const Clock& clock, Studio& studio, StreamTimes times,
                             log::Logger logger)
    : m_context(context),
      m_timer(context),
      m_clock(clock),
      m_studio(studio),
      m_times(times),
      m_logger(std::move(logger)) {}

void StreamManager::start() {
    m_timer.expires_after(kTick);
    scheduleTick();
}

void StreamManager::shutdown() {
    m_timer.cancel();
    m_streams.clear();
}

void StreamManager::scheduleTick() {
    m_timer.async_wait([this](const boost::system::error_code& error) {
        if (error) return;
        tick();
        m_timer.expires_at(std::max(m_timer.expiry() + kTick, std::chrono::steady_clock::now()));
        scheduleTick();
    });
}

void StreamManager::tick() {
    for (auto& [id, stream] : m_streams) stream->tick();
    m_studio.tick();
    if (++m_ticks % 5 == 0) publishStats();
}

void StreamManager::publishStats() {
    AllStats all;
    for (const auto& [id, stream] : m_streams) all.emplace(id, std::make_shared<const StreamStats>(stream->stats()));
    const std::lock_guard lock(m_statsMutex);
    m_stats.swap(all);
}

std::shared_ptr<const StreamStats> StreamManager::stats(const StreamId& stream) const {
    static const auto kIdle = std::make_shared<const StreamStats>();
    const std::lock_guard lock(m_statsMutex);
    const auto found = m_stats.find(stream);
    return found == m_stats.end() ? kIdle : found->second;
}

StreamManager::AllStats StreamManager::allStats() const {
    const std::lock_guard lock(m_statsMutex);
    return m_stats;
}

void StreamManager::publish(media::PublishRequest request, std::shared_ptr<media::Publisher> publisher,
                            std::move_only_function<void(Answer)> done) {
    done(admit(request, std::move(publisher)));
}

media::PublishPoint::Answer StreamManager::admit(const media::PublishRequest& request,
                                                 std::shared_ptr<media::Publisher> publisher) {
    const auto key = m_policy->keys.find(sha256Hex(asBytes(request.key)));
    if (key == m_policy->keys.end())
        return std::unexpected(Refusal{RefusalReason::UnknownKey,
                                       "the stream key is not known; copy it again from the stream's settings"});
    const StreamId& id = key->second.stream;
    return liveStream(id, m_policy->streams.at(id)).publish(request, std::move(publisher));
}

LiveStream& StreamManager::liveStream(const StreamId& id, const StreamPolicy& policy) {
    std::unique_ptr<LiveStream>& stream = m_streams[id];
    if (!stream)
        stream = std::make_unique<LiveStream>(id, policy, m_times, m_clock, m_studio,
                                              m_logger.with({{"stream_id", id.text()}}));
    return *stream;
}

void StreamManager::resume(const StreamId& id, const BroadcastId& broadcast, const LiveStream::Resume& make) {
    const auto policy = m_policy->streams.find(id);
    if (policy == m_policy->streams.end()) return;
    LiveStream& stream = liveStream(id, policy->second);
    stream.resume(broadcast, make);
    const std::lock_guard lock(m_statsMutex);
    m_stats.insert_or_assign(id, std::make_shared<const StreamStats>(stream.stats()));
}

void StreamManager::apply(std::shared_ptr<const Policy> policy) {
    boost::asio::post(m_context, [this, policy = std::move(policy)] { applyOnMediaThread(policy); });
}

void StreamManager::applyOnMediaThread(std::shared_ptr<const Policy> policy) {
    m_policy = std::move(policy);
    for (auto entry = m_streams.begin(); entry != m_streams.end();) {
        const auto found = m_policy->streams.find(entry->first);
        if (found != m_policy->streams.end()) {
            entry->second->setPolicy(found->second);
            entry->second->setKeys(m_policy->keys);
            ++entry;
        } else {
            entry->second->remove();
            entry = m_streams.erase(entry);
        }
    }
}

void StreamManager::stop(const StreamId& id, Seconds hold, std::move_only_function<void(Result<void>)> done) {
    boost::asio::post(m_context,
                      [this, id, hold, done = std::move(done)]() mutable { done(stopOnMediaThread(id, hold)); });
}

Result<void> StreamManager::stopOnMediaThread(const StreamId& id, Seconds hold) {
    const auto policy = m_policy->streams.find(id);
    if (policy == m_policy->streams.end())
        return fail(ErrorCode::Conflict, "stream '" + id.text() + "' has no broadcast to stop");
    const bool isNew = !m_streams.contains(id);
    auto stopped = liveStream(id, policy->second).stop(hold);
    if (isNew && !stopped) m_streams.erase(id);  // there is nothing to tell of it
    return stopped;
}

}  // namespace live::stream
