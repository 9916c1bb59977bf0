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

}  // namespace

void PacketCache::add(const Track& track) {
    if (m_isLost) startAnew();
    const Track* known = latest(track.kind);
    if (known && std::ranges::equal(known->configuration.view(), track.configuration.view())) return;
    if (track.kind == MediaKind::Video) {
        dropVideo();  // another decoder configuration starts with a key frame
        m_base[static_cast<std::size_t>(track.kind)] = track;
    } else {
        m_entries.emplace_back(track);
    }
}

void PacketCache::add(const Packet& packet) {
    if (m_isLost) startAnew();
    if (packet.kind == MediaKind::Video) {
        if (packet.isKey) {
            dropVideo();
            m_keyArrival = packet.arrival;
            m_isOverLimit = false;
        }
        if (!m_keyArrival) return;
    }
    m_entries.emplace_back(packet);
    m_bytes += packet.data.size();
    if (m_keyArrival && (packet.arrival - *m_keyArrival > m_limits.span || m_bytes > m_limits.bytes)) {
        dropVideo();
        m_isOverLimit = true;
    }
    dropOldAudio(packet.arrival);
    while (m_bytes > m_limits.bytes) popFront();
}

void PacketCache::lost() { m_isLost = true; }

void PacketCache::startAnew() { *this = PacketCache(m_limits); }

void PacketCache::dropPackets() {
    for (Entry& entry : m_entries)
        if (auto* track = std::get_if<Track>(&entry)) keepTrack(*track);
    m_entries.clear();
    m_bytes = 0;
    m_keyArrival.reset();
}

void PacketCache::dropVideo() {
    std::erase_if(m_entries, [this](Entry& entry) {
        const auto* packet = std::get_if<Packet>(&entry);
        if (!packet || packet->kind != MediaKind::Video) return false;
        m_bytes -= packet->data.size();
        return true;
    });
    m_keyArrival.reset();
}

void PacketCache::dropOldAudio(OutputTime now) {
    OutputTime oldest = now - m_limits.audio;
    if (m_keyArrival) oldest = std::min(oldest, *m_keyArrival - kInterleaving);
    while (!m_entries.empty()) {
        const auto* packet = std::get_if<Packet>(&m_entries.front());
        if (packet && (packet->kind == MediaKind::Video || packet->arrival >= oldest)) return;
        popFront();
    }
}

void PacketCache::popFront() {
    if (auto* track = std::get_if<Track>(&m_entries.front())) {
        keepTrack(*track);
    } else {
        m_bytes -= std::get<Packet>(m_entries.front()).data.size();
    }
    m_entries.pop_front();
}

const Track* PacketCache::latest(MediaKind kind) const {
    for (auto entry = m_entries.rbegin(); entry != m_entries.rend(); ++entry) {
        const auto* track = std::get_if<Track>(&*entry);
        if (track && track->kind == kind) return track;
    }
    const auto& base = m_base[static_cast<std::size_t>(kind)];
    return base ? &*base : nullptr;
}

void PacketCache::keepTrack(Track& track) { m_base[static_cast<std::size_t>(track.kind)] = std::move(track); }

void PacketCache::replay(const std::function<void(Record)>& send) const {
    for (const auto& track : m_base)
        if (track) send(InputTrack{*track});
    for (const Entry& entry : m_entries) {
        if (const auto* track = std::get_if<Track>(&entry))
            send(InputTrack{*track});
        else
            send(InputPacket{std::get<Packet>(entry)});
    }
    if (m_isLost) send(InputLost{});
}

}  // namespace live::transcode
