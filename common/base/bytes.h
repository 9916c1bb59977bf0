// Bytes: views, immutable shared buffers, and a bounded big-endian reader and writer for wire formats.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace live {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;

inline ByteView asBytes(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline std::string_view asText(ByteView bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

// An immutable, reference-counted run of bytes. Copying shares; slicing keeps the owner alive.
// Safe to read from any thread.
class Buffer {
public:
    Buffer() = default;
    explicit Buffer(Bytes bytes)
        : m_owner(std::make_shared<const Bytes>(std::move(bytes))),
          m_view(*std::static_pointer_cast<const Bytes>(m_owner)) {}
    static Buffer copyOf(ByteView bytes) { return Buffer(Bytes(bytes.begin(), bytes.end())); }
    static Buffer copyOf(std::string_view text) { return copyOf(asBytes(text)); }

    ByteView view() const { return m_view; }
    const std::uint8_t* data() const { return m_view.data(); }
    std::size_t size() const { return m_view.size(); }
    bool empty() const { return m_view.empty(); }

    // Bytes [offset, offset + count); both are clamped to what is there.
    Buffer slice(std::size_t offset, std::size_t count = SIZE_MAX) const {
        Buffer part;
        offset = std::min(offset, size());
        part.m_owner = m_owner;
        part.m_view = m_view.subspan(offset, std::min(count, size() - offset));
        return part;
    }

private:
    std::shared_ptr<const void> m_owner;
    ByteView m_view;
};

// Reads big-endian fields from a view. A read past the end sets `failed()` and yields zeros, so that a parser
// can read a whole structure and check once; nothing is ever read outside the view.
class ByteReader {
public:
    explicit ByteReader(ByteView bytes) : m_bytes(bytes) {}

    bool failed() const { return m_failed; }
    std::size_t remaining() const { return m_bytes.size() - m_position; }
    std::size_t position() const { return m_position; }

    std::uint8_t u8() { return static_cast<std::uint8_t>(integer(1)); }
    std::uint16_t u16() { return static_cast<std::uint16_t>(integer(2)); }
    std::uint32_t u24() { return static_cast<std::uint32_t>(integer(3)); }
    std::uint32_t u32() { return static_cast<std::uint32_t>(integer(4)); }
    std::uint64_t u64() { return integer(8); }
    std::int64_t i64() { return static_cast<std::int64_t>(integer(8)); }
    ByteView bytes(std::size_t count) {
        if (!take(count)) return {};
        return m_bytes.subspan(m_position - count, count);
    }
    std::string_view text(std::size_t count) { return asText(bytes(count)); }
    ByteView rest() { return bytes(remaining()); }
    void skip(std::size_t count) { take(count); }

private:
    bool take(std::size_t count) {
        if (m_failed || count > remaining()) {
            m_failed = true;
            m_position = m_bytes.size();
            return false;
        }
        m_position += count;
        return true;
    }
    std::uint64_t integer(std::size_t width) {
        std::uint64_t value = 0;
        if (!take(width)) return 0;
        for (std::size_t i = m_position - width; i < m_position; ++i) value = value << 8 | m_bytes[i];
        return value;
    }

    ByteView m_bytes;
    std::size_t m_position = 0;
    bool m_failed = false;
};

// Appends big-endian fields to a growing buffer.
class ByteWriter {
public:
    ByteWriter& u8(std::uint64_t value) { return integer(value, 1); }
    ByteWriter& u16(std::uint64_t value) { return integer(value, 2); }
    ByteWriter& u24(std::uint64_t value) { return integer(value, 3); }
    ByteWriter& u32(std::uint64_t value) { return integer(value, 4); }
    ByteWriter& u64(std::uint64_t value) { return integer(value, 8); }
    ByteWriter& i64(std::int64_t value) { return integer(static_cast<std::uint64_t>(value), 8); }
    ByteWriter& bytes(ByteView value) {
        m_bytes.insert(m_bytes.end(), value.begin(), value.end());
        return *this;
    }
    ByteWriter& text(std::string_view value) { return bytes(asBytes(value)); }
    ByteWriter& zeros(std::size_t count) {
        m_bytes.resize(m_bytes.size() + count);
        return *this;
    }

    std::size_t size() const { return m_bytes.size(); }
    void reserve(std::size_t count) { m_bytes.reserve(count); }
    // Overwrites four bytes at `offset`, which must have been written already: for sizes known only afterwards.
    void patchU32(std::size_t offset, std::uint32_t value) {
        for (std::size_t i = 0; i < 4; ++i) m_bytes[offset + i] = static_cast<std::uint8_t>(value >> (24 - 8 * i));
    }
    ByteView view() const { return m_bytes; }
    Bytes take() { return std::move(m_bytes); }

private:
    ByteWriter& integer(std::uint64_t value, std::size_t width) {
        for (std::size_t i = width; i-- > 0;) m_bytes.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
        return *this;
    }

    Bytes m_bytes;
};

// Lower-case hexadecimal, two digits a byte.
std::string toHex(ByteView bytes);

}  // namespace live
