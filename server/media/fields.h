// One description of a structure's fields, used to write and to read it: a codec names its fields once, in a function
// template over FieldWriter and FieldReader, and the two directions cannot drift apart.
//
// Everything is big-endian. Readers accept exactly what writers produce: flags are 0 or 1, numbers lie within the
// bounds given, texts and buffers within their maximum. The first violation sets failed(); what is read after it is
// zero.
#pragma once

#include <bit>
#include <cmath>
#include <concepts>
#include <limits>
#include <string>
#include <type_traits>

#include "common/base/bytes.h"
#include "common/base/ids.h"

namespace live::media {

class FieldWriter {
public:
    static constexpr bool kReading = false;

    template <std::integral T>
    void number(const T& value, T = {}, T = {}) {
        integer(static_cast<std::uint64_t>(value), sizeof(T));
    }
    template <class Enum>
    void enumeration(const Enum& value, Enum) {
        m_out.u8(static_cast<std::uint8_t>(value));
    }
    void flag(const bool& value) { m_out.u8(value ? 1 : 0); }
    void ratio(const double& value) { m_out.u64(std::bit_cast<std::uint64_t>(value)); }
    template <class Line>
    void time(const std::chrono::time_point<Line, Nanoseconds>& value) {
        m_out.i64(value.time_since_epoch().count());
    }
    // Longer texts are cut: what is written can always be read.
    void text(const std::string& value, std::uint16_t maximum) {
        const std::string_view kept = std::string_view(value).substr(0, maximum);
        m_out.u16(kept.size()).text(kept);
    }
    template <class Tag>
    void id(const Id<Tag>& value) {
        m_out.u8(value.text().size()).text(value.text());
    }
    void buffer(const Buffer& value, std::uint32_t) { m_out.u32(value.size()).bytes(value.view()); }
    void check(bool) {}

    ByteWriter& out() { return m_out; }

private:
    void integer(std::uint64_t value, std::size_t width) {
        switch (width) {
            case 1: m_out.u8(value); break;
            case 2: m_out.u16(value); break;
            case 4: m_out.u32(value); break;
            default: m_out.u64(value); break;
        }
    }

    ByteWriter m_out;
};

class FieldReader {
public:
    static constexpr bool kReading = true;

    explicit FieldReader(ByteView bytes) : m_in(bytes) {}

    bool failed() const { return m_failed || m_in.failed(); }
    // Everything was read, and all of it was right.
    bool finished() const { return !failed() && m_in.remaining() == 0; }
    std::size_t position() const { return m_in.position(); }

    template <std::integral T>
    void number(T& value, T least = std::numeric_limits<T>::min(), T most = std::numeric_limits<T>::max()) {
        value = static_cast<T>(integer(sizeof(T)));
        check(value >= least && value <= most);
    }
    template <class Enum>
    void enumeration(Enum& value, Enum last) {
        const std::uint8_t number = m_in.u8();
        check(number <= static_cast<std::uint8_t>(last));
        value = failed() ? Enum{} : static_cast<Enum>(number);
    }
    void flag(bool& value) {
        const std::uint8_t number = m_in.u8();
        check(number <= 1);
        value = number == 1;
    }
    // A finite number, 0 or more.
    void ratio(double& value) {
        value = std::bit_cast<double>(m_in.u64());
        check(std::isfinite(value) && !std::signbit(value));
    }
    template <class Line>
    void time(std::chrono::time_point<Line, Nanoseconds>& value) {
        value = std::chrono::time_point<Line, Nanoseconds>(Nanoseconds(m_in.i64()));
    }
    void text(std::string& value, std::uint16_t maximum) {
        const std::uint16_t size = m_in.u16();
        check(size <= maximum);
        value = failed() ? std::string{} : std::string(m_in.text(size));
    }
    template <class Tag>
    void id(Id<Tag>& value) {
        auto parsed = Id<Tag>::parse(m_in.text(m_in.u8()));
        check(parsed.has_value());
        value = parsed ? *std::move(parsed) : Id<Tag>{};
    }
    void buffer(Buffer& value, std::uint32_t maximum) {
        const std::uint32_t size = m_in.u32();
        check(size <= maximum && size <= m_in.remaining());
        value = failed() ? Buffer{} : Buffer::copyOf(m_in.bytes(size));
    }
    void check(bool isRight) { m_failed = m_failed || !isRight; }

private:
    std::uint64_t integer(std::size_t width) {
        switch (width) {
            case 1: return m_in.u8();
            case 2: return m_in.u16();
            case 4: return m_in.u32();
            default: return m_in.u64();
        }
    }

    ByteReader m_in;
    bool m_failed = false;
};

// What a field function template is called with: `const T` when writing, `T` when reading.
template <class Value, class T>
concept FieldsOf = std::same_as<std::remove_const_t<Value>, T>;

}  // namespace live::media
