// All streams of this node: admits publishers, drives the streams' clocks, answers the control plane.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <mutex>
#include <unordered_map>

#include "server/stream/live_stream.h"

namespace live::stream {

// Lives on the media thread, whose io_context it is given. The LivePlane calls come from any thread.
class StreamManager final : public media::PublishPoint, public LivePlane {
public:
    static constexpr Milliseconds kTick{100};

    StreamManager(boost::asio::io_context& context, const Clock& clock, Studio& studio, StreamTimes times,
                  log::Logger logger);

    // Starts the ticks. On the media thread.
    void start();
    // Ends the ticks and lets go of every publisher; broadcasts stay as they are, to be resumed after a restart.
    void shutdown();
    // Goes on with what a restart of the server interrupted; the stream must be in the policy. On the media thread.
    void resume(const StreamId& stream, const BroadcastId& broadcast, const LiveStream::Resume& make);

    // media::PublishPoint, on the media thread
    void publish(media::PublishRequest request, std::shared_ptr<media::Publisher> publisher,
                 std::move_only_function<void(Answer)> done) override;

    // LivePlane, any thread
    void apply(std::shared_ptr<const Policy> policy) override;
    std::shared_ptr<const StreamStats> stats(const StreamId& stream) const override;
    void stop(const StreamId& stream, Seconds hold, std::move_only_function<void(Result<void>)> done) override;

    using AllStats = std::unordered_map<StreamId, std::shared_ptr<const StreamStats>>;
    // Of every stream that had a publisher, or a hold that was changed, since the start; any thread.
    AllStats allStats() const;

private:
    Answer admit(const media::PublishRequest& request, std::shared_ptr<media::Publisher> publisher);
    LiveStream& liveStream(const StreamId& id, const StreamPolicy& policy);
    void applyOnMediaThread(std::shared_ptr<const Policy> policy);
    Result<void> stopOnMediaThread(const StreamId& id, Seconds hold);
    void scheduleTick();
    void tick();
    void publishStats();

    boost::asio::io_context& m_context;
    boost::asio::steady_timer m_timer;
    const Clock& m_clock;
    Studio& m_studio;
    StreamTimes m_times;
    log::Logger m_logger;
    std::shared_ptr<const Policy> m_policy = std::make_shared<const Policy>();
    std::unordered_map<StreamId, std::unique_ptr<LiveStream>> m_streams;  // as in allStats()
    unsigned m_ticks = 0;

    mutable std::mutex m_statsMutex;
    AllStats m_stats;
};

}  // namespace live::stream
