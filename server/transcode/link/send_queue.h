// What waits to be written to a worker, bounded in bytes. One owner thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>

#include "common/base/bytes.h"
#include "server/transcode/link/records.h"

namespace live::transcode {

class SendQueue {
public:
    explicit SendQueue(std::size_t maximum) : m_maximum(maximum) {}

    // Drops input packets over the bound, and then video up to the next key frame that fits; never anything else, which
    // is small and rare. Packets too large for a record are dropped, too.
    void push(Record record);
    // The bytes of the next records, about `target` of them; empty when nothing waits.
    Bytes take(std::size_t target);

    bool empty() const { return m_records.empty(); }
    std::uint64_t droppedPackets() const { return m_dropped; }
    std::size_t queuedBytes() const { return m_bytes; }

private:
    bool admits(const media::Packet& packet);

    std::size_t m_maximum;
    std::deque<Record> m_records;
    std::size_t m_bytes = 0;
    std::uint64_t m_dropped = 0;
    bool m_waitsForKey = false;
};

}  // namespace live::transcode
