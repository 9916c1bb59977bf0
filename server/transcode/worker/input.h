// The input of a worker: packets as they arrive → the input buffer, through one decoder thread.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <variant>

#include "common/base/clock.h"
#include "server/transcode/worker/audio_input.h"
#include "server/transcode/worker/input_mapping.h"
#include "server/transcode/worker/output.h"

namespace live::transcode::worker {

// Packets wait coded, not decoded: video is decoded while the buffer has room. At most 16 s or 32 MiB wait (an input
// that is faster than real time); beyond that what waits is dropped up to the next key frame and an event says so.
class Input final : private InputNotices {
public:
    static constexpr std::size_t kMaxQueuedBytes = 32 * 1024 * 1024;
    static constexpr std::size_t kMaxQueuedPackets = 16 * 60;

    Input(InputMapping mapping, InputBuffer& buffer, Output& output, const Clock& clock);
    ~Input() override;
    Input(const Input&) = delete;

    // Any one thread, in the order of arrival.
    void track(media::Track track);
    void packet(const media::Packet& packet);
    void lost();

    // Any thread.
    void roomChanged();  // pictures were taken from the buffer
    // What has come in is as new as the server's, as far as anyone can tell, and all sound of it is decoded: the newest
    // packet arrived at the server within the last 100 ms, or nothing has come for 100 ms, or the publisher has gone.
    bool isUpToDate(OutputTime now) const;
    void save(Checkpoint& checkpoint) const;
    void fill(Heartbeat& heartbeat) const;

private:
    struct Coded {
        Buffer data;
        OutputTime presentation{};
        OutputTime decoding{};
        bool isKey = false;
    };
    struct Configuration {
        Buffer bytes;
    };
    struct Gone {};
    using Item = std::variant<Configuration, Coded, Gone>;
    struct Queue {
        std::deque<Item> items;
        std::size_t bytes = 0;
        std::size_t packets = 0;
        bool waitsForKey = false;
    };

    void onNotice(Event::Kind kind, std::string message) override;
    void onDecodeError() override;

    void push(Queue& queue, Item item);  // the caller notifies, once it has let go of the mutex
    void shiftQueued(Nanoseconds by);
    bool isOverBound(const Queue& queue) const;
    std::size_t dropPackets(Queue& queue);
    void run(const std::stop_token& stop);
    // The queue the thread should take from now; null when there is nothing it can do.
    Queue* ready();
    static Item take(Queue& queue);
    void work(Item item, VideoInput& video);
    void work(Item item, AudioInput& audio);

    InputBuffer& m_buffer;
    Output& m_output;
    const Clock& m_clock;

    mutable std::mutex m_mutex;
    std::condition_variable_any m_changed;
    InputMapping m_mapping;
    Queue m_video;
    Queue m_audio;
    bool m_isDecodingAudio = false;
    bool m_isLost = false;
    OutputTime m_newestArrival = OutputTime::min();  // at the server
    BootTime m_lastReceived;                         // here
    VideoInput::Figures m_figures;
    std::uint64_t m_decodeErrors = 0;
    std::uint64_t m_dropped = 0;
    std::jthread m_thread;
};

}  // namespace live::transcode::worker
