#include "server/transcode/worker/input.h"

#include <algorithm>
#include <cmath>

namespace live::transcode::worker {

namespace {

constexpr Nanoseconds kPrompt = Milliseconds(100);

Nanoseconds toNanoseconds(std::int64_t ticks, std::uint32_t timescale) {
    // A time stamp beyond 63 years is noise; the difference of two of them, added to an output time, still fits.
    constexpr std::int64_t kMost = 2'000'000'000;
    const std::int64_t scale = timescale == 0 ? 1000 : timescale;
    return Nanoseconds(mulDivRound(std::clamp(ticks, -kMost * scale, kMost * scale), 1'000'000'000, scale));
}

std::int64_t microseconds(OutputTime time) { return mulDivRound(time.time_since_epoch().count(), 1, 1000); }

}  // namespace

Input::Input(InputMapping mapping, InputBuffer& buffer, Output& output, const Clock& clock)
    : m_buffer(buffer),
      m_output(output),
      m_clock(clock),
      m_mapping(std::move(mapping)),
      m_lastReceived(clock.boot()),
      m_thread([this](const std::stop_token& stop) { run(stop); }) {}

Input::~Input() {
    m_thread.request_stop();
    m_thread.join();
}

void Input::onNotice(Event::Kind kind, std::string message) {
    m_output.event({.kind = kind, .message = std::move(message)}, m_clock.boot());
}

void Input::onDecodeError() {
    const std::lock_guard lock(m_mutex);
    ++m_decodeErrors;
}

void Input::track(media::Track track) {
    {
        const std::lock_guard lock(m_mutex);
        push(track.kind == media::MediaKind::Video ? m_video : m_audio, Configuration{std::move(track.configuration)});
    }
    m_changed.notify_all();
}

void Input::packet(const media::Packet& packet) {
    std::string notice;
    {
        const std::lock_guard lock(m_mutex);
        Queue& queue = packet.kind == media::MediaKind::Video ? m_video : m_audio;
        m_isLost = false;
        m_newestArrival = std::max(m_newestArrival, packet.arrival);
        m_lastReceived = m_clock.boot();
        InputMapping::Mapped mapped = m_mapping.map({.kind = packet.kind,
                                                     .pts = toNanoseconds(packet.pts, packet.timescale),
                                                     .dts = toNanoseconds(packet.dts, packet.timescale),
                                                     .arrival = packet.arrival});
        notice = std::move(mapped.repair);
        if (queue.waitsForKey && !packet.isKey) {
            ++m_dropped;
        } else {
            queue.waitsForKey = false;
            push(queue, Coded{packet.data, mapped.presentation, mapped.decoding, packet.isKey});
        }
        if (mapped.shift != Nanoseconds(0)) shiftQueued(mapped.shift);
        if (isOverBound(queue))
            notice = std::to_string(dropPackets(queue)) + " packets dropped: the input is faster than real time";
    }
    m_changed.notify_all();
    if (!notice.empty()) onNotice(Event::Kind::InputBad, std::move(notice));
}

void Input::lost() {
    {
        const std::lock_guard lock(m_mutex);
        m_mapping.reset();
        m_isLost = true;
        push(m_video, Gone{});
        push(m_audio, Gone{});
    }
    m_changed.notify_all();
}

void Input::push(Queue& queue, Item item) {
    // Of two without packets between them only the later one matters.
    if (!std::holds_alternative<Coded>(item) && !queue.items.empty() && queue.items.back().index() == item.index()) {
        queue.items.pop_back();
    }
    if (const Coded* coded = std::get_if<Coded>(&item)) {
        queue.bytes += coded->data.size();
        ++queue.packets;
    }
    queue.items.push_back(std::move(item));
    // A picture that has to wait for room leaves the decoder idle: whoever waits for it would wait for good.
    if (ready()) m_buffer.setBusy();
}

void Input::shiftQueued(Nanoseconds by) {
    for (Queue* queue : {&m_video, &m_audio}) {
        for (Item& item : queue->items) {
            Coded* coded = std::get_if<Coded>(&item);
            if (!coded) continue;
            coded->presentation += by;
            coded->decoding += by;
        }
    }
}

bool Input::isOverBound(const Queue& queue) const {
    return queue.bytes > kMaxQueuedBytes || queue.packets > kMaxQueuedPackets;
}

// The configuration in force and the end of a publisher stay.
std::size_t Input::dropPackets(Queue& queue) {
    std::deque<Item> kept;
    for (Item& item : queue.items) {
        if (std::holds_alternative<Coded>(item)) continue;
        if (!kept.empty() && kept.back().index() == item.index()) kept.pop_back();
        kept.push_back(std::move(item));
    }
    const std::size_t count = queue.packets;
    queue = {.items = std::move(kept), .waitsForKey = &queue == &m_video};
    m_dropped += count;
    return count;
}

void Input::roomChanged() {
    {
        const std::lock_guard lock(m_mutex);
        if (!ready()) return;
        m_buffer.setBusy();
    }
    m_changed.notify_all();
}

bool Input::isUpToDate(OutputTime now) const {
    const std::lock_guard lock(m_mutex);
    if (m_isDecodingAudio || !m_audio.items.empty()) return false;
    return m_isLost || m_newestArrival >= now - kPrompt || m_clock.boot() - m_lastReceived >= kPrompt;
}

void Input::save(Checkpoint& checkpoint) const {
    const std::lock_guard lock(m_mutex);
    m_mapping.save(checkpoint);
}

void Input::fill(Heartbeat& heartbeat) const {
    const std::lock_guard lock(m_mutex);
    heartbeat.decodedFrames = m_figures.decoded;
    heartbeat.droppedFrames += m_dropped;
    heartbeat.decodeErrors = m_decodeErrors;
    heartbeat.driftPpb = m_mapping.driftPpb();
    heartbeat.inputDelayMs = static_cast<std::int32_t>(m_mapping.measuredDelay() / Milliseconds(1));
    heartbeat.inputWidth = static_cast<std::uint32_t>(m_figures.width);
    heartbeat.inputHeight = static_cast<std::uint32_t>(m_figures.height);
    heartbeat.inputRate = {static_cast<std::uint32_t>(std::lround(m_figures.rate * 1000)), 1000};
    heartbeat.inputInterlaced = m_figures.isInterlaced;
}

Input::Queue* Input::ready() {
    if (!m_audio.items.empty()) return &m_audio;
    return !m_video.items.empty() && m_buffer.hasRoom() ? &m_video : nullptr;
}

Input::Item Input::take(Queue& queue) {
    Item item = std::move(queue.items.front());
    queue.items.pop_front();
    if (const Coded* coded = std::get_if<Coded>(&item)) {
        queue.bytes -= coded->data.size();
        --queue.packets;
    }
    return item;
}

void Input::run(const std::stop_token& stop) {
    VideoInput video(m_buffer, *this);
    AudioInput audio(m_buffer, *this);
    std::unique_lock lock(m_mutex);
    while (!stop.stop_requested()) {
        Queue* queue = ready();
        if (!queue) {
            m_buffer.setIdle();
            m_changed.wait(lock, stop, [this] { return ready() != nullptr; });
            continue;
        }
        Item item = take(*queue);
        const bool isVideo = queue == &m_video;
        m_isDecodingAudio = !isVideo;
        lock.unlock();
        if (isVideo) {
            work(std::move(item), video);
        } else {
            work(std::move(item), audio);
        }
        lock.lock();
        m_isDecodingAudio = false;
        m_figures = video.figures();
    }
}

void Input::work(Item item, VideoInput& video) {
    if (const auto* configuration = std::get_if<Configuration>(&item)) {
        video.open(configuration->bytes.view());
    } else if (const auto* coded = std::get_if<Coded>(&item)) {
        video.decode({coded->data.view(), microseconds(coded->presentation), microseconds(coded->decoding)});
    } else {
        video.drain();
    }
}

void Input::work(Item item, AudioInput& audio) {
    if (const auto* configuration = std::get_if<Configuration>(&item)) {
        audio.open(configuration->bytes.view());
    } else if (const auto* coded = std::get_if<Coded>(&item)) {
        audio.decode({coded->data.view(), microseconds(coded->presentation), microseconds(coded->decoding)});
    } else {
        audio.interrupt();
    }
}

}  // namespace live::transcode::worker
