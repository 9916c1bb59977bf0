#include "server/transcode/worker/picture_store.h"

#include <algorithm>
#include <cmath>

namespace live::transcode::worker {

namespace {
constexpr std::size_t kMaxCaptionBytes = 31 * 3;
// In frames: how far off its frame a picture of an input at the output's rate may be, and what counts as that rate.
constexpr double kHold = 0.75;
constexpr double kSameRate = 0.25;
}  // namespace

void appendCaptions(Bytes& to, ByteView more) {
    const std::size_t room = kMaxCaptionBytes - std::min(to.size(), kMaxCaptionBytes);
    const std::size_t whole = std::min(more.size(), room) / 3 * 3;
    to.insert(to.end(), more.begin(), more.begin() + static_cast<std::ptrdiff_t>(whole));
}

std::int64_t PictureStore::frameFor(OutputTime time) const {
    const std::int64_t before = m_track.frameAtOrBefore(time);
    const Nanoseconds length = m_track.start(before + 1) - m_track.start(before);
    const Nanoseconds into = time - m_track.start(before);
    if (m_last) {
        const double step = static_cast<double>((time - m_last->time).count()) / static_cast<double>(length.count());
        const double whole = std::round(step);
        const std::int64_t expected = m_last->frame + static_cast<std::int64_t>(whole);
        const double off =
            static_cast<double>((time - m_track.start(expected)).count()) / static_cast<double>(length.count());
        if (whole >= 1 && std::abs(step - whole) < kSameRate && std::abs(off) < kHold) return expected;
    }
    return 2 * into >= length ? before + 1 : before;
}

void PictureStore::add(Picture picture, OutputTime time) {
    const std::int64_t frame = frameFor(time);
    while (!m_waiting.empty() && m_waiting.back().frame >= frame) {
        Bytes captions = std::move(m_waiting.back().picture.captions);
        appendCaptions(captions, picture.captions);
        picture.captions = std::move(captions);
        m_waiting.pop_back();
        ++m_dropped;
    }
    m_last = Last{time, frame};
    m_waiting.push_back({frame, std::move(picture)});
    dropOverdue(m_nextFrame);
}

void PictureStore::dropOverdue(std::int64_t frame) {
    while (m_waiting.size() >= 2 && m_waiting[1].frame <= frame) {
        appendCaptions(m_pendingCaptions, m_waiting.front().picture.captions);
        m_waiting.pop_front();
        ++m_dropped;
    }
}

PictureStore::Shown PictureStore::take(std::int64_t frame) {
    dropOverdue(frame);
    m_nextFrame = frame + 1;
    // The very first picture also stands for the time before it.
    const bool isDue = !m_waiting.empty() && (m_waiting.front().frame <= frame || !m_onAir.frame);
    if (!isDue) {
        if (m_onAir.frame) ++m_repeated;
        return {m_onAir.frame, {}, true};
    }
    m_onAir.frame = std::move(m_waiting.front().picture.frame);
    appendCaptions(m_pendingCaptions, m_waiting.front().picture.captions);
    m_waiting.pop_front();
    return {m_onAir.frame, std::exchange(m_pendingCaptions, {}), false};
}

}  // namespace live::transcode::worker
