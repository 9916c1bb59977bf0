// Reads bit fields, most significant bit first, from a bounded view: the notation of ISO/IEC 14496-10 §7.2.
#pragma once

#include "common/base/bytes.h"

namespace live::media {

// A read past the end sets `failed()` and yields zeros, as ByteReader does. Any thread, one at a time.
class BitReader {
public:
    explicit BitReader(ByteView bytes) : m_bytes(bytes) {}

    bool failed() const { return m_failed; }
    std::size_t remaining() const { return m_bytes.size() * 8 - m_position; }

    // u(count), count <= 32.
    std::uint32_t bits(std::size_t count) {
        if (m_failed || count > remaining()) {
            m_failed = true;
            m_position = m_bytes.size() * 8;
            return 0;
        }
        std::uint64_t value = 0;
        for (std::size_t i = 0; i < count; ++i, ++m_position)
            value = value << 1 | (m_bytes[m_position / 8] >> (7 - m_position % 8) & 1);
        return static_cast<std::uint32_t>(value);
    }
    bool flag() { return bits(1) != 0; }
    void skip(std::size_t count) {
        if (m_failed || count > remaining()) {
            m_failed = true;
            m_position = m_bytes.size() * 8;
        } else {
            m_position += count;
        }
    }
    void alignToByte() { skip((8 - m_position % 8) % 8); }

    // ue(v), §9.1. A code of more than 31 leading zeros exists in no syntax element: failed().
    std::uint32_t unsignedGolomb() {
        std::size_t zeros = 0;
        while (!m_failed && !flag()) {
            if (++zeros > 31) m_failed = true;
        }
        return m_failed ? 0 : static_cast<std::uint32_t>((std::uint64_t{1} << zeros) - 1 + bits(zeros));
    }
    // se(v), §9.1.1.
    std::int32_t signedGolomb() {
        const std::int64_t code = unsignedGolomb();
        return static_cast<std::int32_t>(code % 2 ? (code + 1) / 2 : -(code / 2));
    }

private:
    ByteView m_bytes;
    std::size_t m_position = 0;
    bool m_failed = false;
};

}  // namespace live::media
