#include "server/transcode/worker/rung.h"

#include <algorithm>

namespace live::transcode::worker {

namespace {
constexpr Nanoseconds kSpeedWindow = Seconds(5);
}

Rung::Rung(Setup setup, ffmpeg::H264Encoder encoder, const Clock& clock, OnPacket onPacket, OnFailure onFailure)
    : m_setup(setup),
      m_encoder(std::move(encoder)),
      m_clock(clock),
      m_onPacket(std::move(onPacket)),
      m_onFailure(std::move(onFailure)),
      m_thread([this](const std::stop_token& stop) { run(stop); }) {}

Rung::~Rung() {
    m_thread.request_stop();
    m_thread.join();
}

bool Rung::push(RungPicture picture) {
    {
        const std::lock_guard lock(m_mutex);
        if (m_hasFailed) return true;
        if (m_queue.size() >= m_setup.maxQueued) return false;
        m_queue.push_back(std::move(picture));
    }
    m_changed.notify_all();
    return true;
}

void Rung::waitForRoom(std::size_t below) {
    std::unique_lock lock(m_mutex);
    m_changed.wait(lock, [&] { return m_hasFailed || m_queue.size() < std::min(below, m_setup.maxQueued); });
}

void Rung::waitUntilIdle() {
    std::unique_lock lock(m_mutex);
    m_changed.wait(lock, [this] { return m_hasFailed || (m_queue.empty() && !m_isBusy); });
}

void Rung::clear() {
    const std::lock_guard lock(m_mutex);
    m_figures.shedFrames += m_queue.size();
    m_queue.clear();
}

void Rung::countShed(std::uint64_t frames) {
    const std::lock_guard lock(m_mutex);
    m_figures.shedFrames += frames;
}

Heartbeat::RenditionFigures Rung::figures() const {
    const std::lock_guard lock(m_mutex);
    Heartbeat::RenditionFigures figures = m_figures;
    figures.queuedFrames = static_cast<std::uint32_t>(m_queue.size());
    Nanoseconds busy{};
    std::int64_t frames = 0;
    for (const Spent& spent : m_spent) {
        busy += spent.busy;
        frames += spent.frames;
    }
    if (busy > Nanoseconds(0)) {
        figures.encodeSpeed =
            static_cast<double>(frames) * m_setup.frameSeconds / std::chrono::duration<double>(busy).count();
    }
    return figures;
}

void Rung::run(const std::stop_token& stop) {
    std::unique_lock lock(m_mutex);
    while (m_changed.wait(lock, stop, [this] { return !m_queue.empty(); })) {
        const RungPicture picture = std::move(m_queue.front());
        m_queue.pop_front();
        m_isBusy = true;
        m_changed.notify_all();
        lock.unlock();
        encode(picture);
        lock.lock();
        m_isBusy = false;
        m_changed.notify_all();
        if (stop.stop_requested() || m_hasFailed) return;
    }
}

void Rung::encode(const RungPicture& picture) {
    const BootTime begin = m_clock.boot();
    Result<ffmpeg::EncodedPicture> encoded = m_encoder.encode(
        *picture.picture, {.frame = picture.frame, .isKey = picture.isKey, .captions = picture.captions});
    if (!encoded) {
        {
            const std::lock_guard lock(m_mutex);
            m_hasFailed = true;
            m_queue.clear();
        }
        m_onFailure(std::move(encoded).error());
        return;
    }
    const BootTime end = m_clock.boot();
    account({end, end - begin, picture.frameCount}, encoded->data.size());
    m_onPacket({.rendition = m_setup.rendition,
                .isKey = encoded->isKey,
                .frame = encoded->frame,
                .frameCount = picture.frameCount,
                .encodedAt = end,
                .data = std::move(encoded->data)});
}

void Rung::account(const Spent& spent, std::size_t bytes) {
    const std::lock_guard lock(m_mutex);
    ++m_figures.frames;
    m_figures.bytes += bytes;
    m_spent.push_back(spent);
    while (spent.at - m_spent.front().at > kSpeedWindow) m_spent.pop_front();
}

}  // namespace live::transcode::worker
