// Bytes that wait for a socket to take them. What has been taken is given back at once, so that the memory is bounded
// by what waits even if the queue never runs empty. One owner.
#pragma once

#include "common/base/bytes.h"

namespace live::ingest::io {

class WriteQueue {
public:
    void push(ByteView bytes) { m_bytes.insert(m_bytes.end(), bytes.begin(), bytes.end()); }

    // What to write next; valid until the next call.
    ByteView unsent() const { return m_bytes; }

    // The first `count` bytes of unsent() are written.
    void taken(std::size_t count) {
        if (count == m_bytes.size()) {
            m_bytes = Bytes();
        } else {
            m_bytes.erase(m_bytes.begin(), m_bytes.begin() + static_cast<std::ptrdiff_t>(count));
        }
    }

    bool empty() const { return m_bytes.empty(); }
    std::size_t size() const { return m_bytes.size(); }
    std::size_t memory() const { return m_bytes.capacity(); }

private:
    Bytes m_bytes;
};

}  // namespace live::ingest::io
