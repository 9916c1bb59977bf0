// Boxes of ISO/IEC 14496-12 §4.2 written into a growing buffer; their sizes are filled in when they end.
#pragma once

#include <string_view>

#include "common/base/bytes.h"

namespace live::package::cmaf {

// A box from construction to destruction; what is written in between is its payload. Boxes nest as scopes do.
class Box {
public:
    Box(ByteWriter& writer, std::string_view type) : m_writer(writer), m_offset(writer.size()) {
        writer.u32(0).text(type);
    }
    ~Box() { m_writer.patchU32(m_offset, static_cast<std::uint32_t>(m_writer.size() - m_offset)); }
    Box(const Box&) = delete;
    Box& operator=(const Box&) = delete;

private:
    ByteWriter& m_writer;
    std::size_t m_offset;
};

// A box with version and flags (§4.2.2).
class FullBox : public Box {
public:
    FullBox(ByteWriter& writer, std::string_view type, std::uint8_t version, std::uint32_t flags) : Box(writer, type) {
        writer.u8(version).u24(flags);
    }
};

}  // namespace live::package::cmaf
