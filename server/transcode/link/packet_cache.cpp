#include "server/transcode/link/packet_cache.h"

#include <algorithm>
#include <utility>

namespace live::transcode {

using media::MediaKind;
using media::Packet;
using media::Track;

namespace {

// Muxers interleave by up to this much: audio of the key picture's time may have come before the picture.
constexpr Nanoseconds kInterleaving = Seconds(1);

std::size_t sizeOf(const Packet& packet) { return PacketCache::kEntryBytes + packet.data.size(); }
std::size_t sizeOf(const Track& track) { return PacketCache::kEntryBytes + track.configuration.size(); }

}  // namespace

void PacketCache::add(const Track& track) {
    if (m_isLost) startAnew();
    std::optional<Track>& current = m_current[static_cast<std::size_t>(track.kind)];
    if (current && std::ranges::equal(current->configuration.view(), track.configuration.view())) return;
    current = track;
    if (track.kind == MediaKind::Video) return dropVideo();  // another decoder configuration starts with a key frame
    m_audio.push_back({m_count++, track});
    m_bytes += sizeOf(track);
    boundBytes();
}

void PacketCache::add(const Packet& packet) {
    if (m_isLost) startAnew();
    if (packet.kind == MediaKind::Audio) {
        m_audio.push_back({m_count++, packet});
    } else {
        if (packet.isKey) {
            dropVideo();
            m_keyArrival = packet.arrival;
        }
        if (!m_keyArrival) return;
        m_video.push_back({m_count++, packet});
    }
    m_bytes += sizeOf(packet);
    if (m_keyArrival && packet.arrival - *m_keyArrival > m_limits.span) dropVideo();
    dropOldAudio(packet.arrival);
    boundBytes();
}

void PacketCache::lost() { m_isLost = true; }

void PacketCache::startAnew() { *this = PacketCache(m_limits); }

void PacketCache::dropPackets() {
    m_firstAudio = m_current[static_cast<std::size_t>(MediaKind::Audio)];
    m_audio.clear();
    m_video.clear();
    m_bytes = 0;
    m_keyArrival.reset();
}

void PacketCache::dropVideo() {
    for (const auto& entry : m_video) m_bytes -= sizeOf(entry.content);
    m_video.clear();
    m_keyArrival.reset();
}

void PacketCache::boundBytes() {
    if (m_keyArrival && m_bytes > m_limits.bytes) dropVideo();
    while (m_bytes > m_limits.bytes) popAudio();
}

void PacketCache::dropOldAudio(OutputTime now) {
    OutputTime oldest = now - m_limits.audio;
    if (m_keyArrival) oldest = std::min(oldest, *m_keyArrival - kInterleaving);
    while (!m_audio.empty()) {
        const auto* packet = std::get_if<Packet>(&m_audio.front().content);
        if (packet && packet->arrival >= oldest) return;
        popAudio();
    }
}

void PacketCache::popAudio() {
    Audio& front = m_audio.front().content;
    m_bytes -= std::visit([](const auto& content) { return sizeOf(content); }, front);
    if (auto* track = std::get_if<Track>(&front)) m_firstAudio = std::move(*track);
    m_audio.pop_front();
}

void PacketCache::replay(const std::function<void(Record)>& send) const {
    const auto& videoTrack = m_current[static_cast<std::size_t>(MediaKind::Video)];
    if (videoTrack) send(InputTrack{*videoTrack});
    if (m_firstAudio) send(InputTrack{*m_firstAudio});
    auto video = m_video.begin();
    const auto sendVideoBefore = [&](std::uint64_t number) {
        for (; video != m_video.end() && video->number < number; ++video) send(InputPacket{video->content});
    };
    for (const auto& entry : m_audio) {
        sendVideoBefore(entry.number);
        if (const auto* track = std::get_if<Track>(&entry.content))
            send(InputTrack{*track});
        else
            send(InputPacket{std::get<Packet>(entry.content)});
    }
    sendVideoBefore(m_count);
    if (m_isLost) send(InputLost{});
}

}  // namespace live::transcode
