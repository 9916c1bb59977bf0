#include "server/transcode/worker/input_buffer.h"

namespace live::transcode::worker {

InputBuffer::InputBuffer(const Start& start) : m_pictures(start.video, start.firstFrame), m_audio(start.firstSample) {}

void InputBuffer::addPicture(Picture picture, OutputTime time) {
    const std::lock_guard lock(m_mutex);
    m_pictures.add(std::move(picture), time);
    m_changed.notify_all();
}

void InputBuffer::addAudio(std::int64_t position, const av::StereoSamples& samples) {
    const std::lock_guard lock(m_mutex);
    m_audio.write(position, samples);
}

bool InputBuffer::hasRoom() const {
    const std::lock_guard lock(m_mutex);
    return !m_pictures.isFull();
}

void InputBuffer::setIdle() {
    const std::lock_guard lock(m_mutex);
    m_isIdle = true;
    m_changed.notify_all();
}

void InputBuffer::setBusy() {
    const std::lock_guard lock(m_mutex);
    m_isIdle = false;
}

PictureStore::Shown InputBuffer::takePicture(std::int64_t frame) {
    const std::lock_guard lock(m_mutex);
    return m_pictures.take(frame);
}

void InputBuffer::readAudio(std::span<float> left, std::span<float> right) {
    const std::lock_guard lock(m_mutex);
    m_audio.read(left, right);
}

bool InputBuffer::hasPicture() const {
    const std::lock_guard lock(m_mutex);
    return m_pictures.hasPicture();
}

bool InputBuffer::isIdle() const {
    const std::lock_guard lock(m_mutex);
    return m_isIdle;
}

void InputBuffer::waitForPicture(std::int64_t frame, Nanoseconds limit) const {
    std::unique_lock lock(m_mutex);
    m_changed.wait_for(lock, limit, [&] { return m_isIdle || m_pictures.reaches(frame); });
}

void InputBuffer::waitUntilIdle() const {
    std::unique_lock lock(m_mutex);
    m_changed.wait(lock, [this] { return m_isIdle; });
}

InputBuffer::Figures InputBuffer::figures() const {
    const std::lock_guard lock(m_mutex);
    return {m_pictures.repeated(), m_pictures.dropped(), static_cast<std::uint64_t>(m_audio.silentSamples())};
}

}  // namespace live::transcode::worker
