#include "server/transcode/link/send_queue.h"

#include "server/transcode/link/codec.h"

namespace live::transcode {

namespace {

constexpr std::size_t kFieldBytes = 64;  // more than the fields of an input packet besides its data

std::size_t sizeOf(const Record& record) {
    const auto* input = std::get_if<InputPacket>(&record);
    return kFieldBytes + (input ? input->packet.data.size() : 0);
}

}  // namespace

bool SendQueue::admits(const media::Packet& packet) {
    const std::size_t size = kFieldBytes + packet.data.size();
    const bool fits = size <= kMaxRecordBytes && m_bytes + size <= m_maximum;
    if (packet.kind != media::MediaKind::Video) return fits;
    m_waitsForKey = !fits || (m_waitsForKey && !packet.isKey);
    return !m_waitsForKey;
}

void SendQueue::push(Record record) {
    if (const auto* input = std::get_if<InputPacket>(&record); input && !admits(input->packet)) {
        ++m_dropped;
        return;
    }
    m_bytes += sizeOf(record);
    m_records.push_back(std::move(record));
}

Bytes SendQueue::take(std::size_t target) {
    Bytes taken;
    while (!m_records.empty() && taken.size() < target) {
        const Bytes record = encode(m_records.front());
        m_bytes -= sizeOf(m_records.front());
        m_records.pop_front();
        if (taken.empty())
            taken = record;
        else
            taken.insert(taken.end(), record.begin(), record.end());
    }
    return taken;
}

}  // namespace live::transcode
