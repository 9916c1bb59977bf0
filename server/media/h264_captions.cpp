// Captions in SEI messages: ISO/IEC 14496-10 §7.3.2.3 and D.1.6, ATSC A/53 part 4 §6.2.3, CEA-708 §4.4.
#include "server/media/h264.h"

namespace live::media::h264 {

namespace {

constexpr std::uint32_t kRegisteredItuT35 = 4;
constexpr std::uint8_t kUnitedStates = 0xB5;
constexpr std::uint16_t kAtscProvider = 0x0031;
constexpr std::uint8_t kCcData = 0x03;

// payloadType and payloadSize: bytes of 0xFF add up, the first other one ends the number.
std::uint32_t readExtended(ByteReader& reader) {
    std::uint32_t value = 0;
    std::uint8_t byte = 0;
    do {
        byte = reader.u8();
        value += byte;
    } while (byte == 0xFF && !reader.failed());
    return value;
}

// cc_data(): process_cc_data_flag and at least one whole triple. What the triples say does not matter: while nobody
// speaks, a caption encoder fills them with padding.
bool hasCaptionTriple(ByteReader& reader) {
    const std::uint8_t flags = reader.u8();
    reader.u8();  // em_data
    reader.bytes((flags & 0x1FU) != 0 ? 3 : 0);
    return (flags & 0x40) != 0 && (flags & 0x1F) != 0 && !reader.failed();
}

bool isCaptionPayload(ByteView payload) {
    ByteReader reader(payload);
    if (reader.u8() != kUnitedStates || reader.u16() != kAtscProvider) return false;
    if (reader.text(4) != "GA94" || reader.u8() != kCcData) return false;
    return hasCaptionTriple(reader);
}

bool seiHasCaptions(ByteView nal) {
    const Bytes rbsp = unescape(nal);
    ByteReader reader(ByteView(rbsp).subspan(1));
    while (reader.remaining() > 2) {  // a message is two bytes at least, rbsp_trailing_bits one
        const std::uint32_t type = readExtended(reader);
        const std::uint32_t size = readExtended(reader);
        const ByteView payload = reader.bytes(size);
        if (reader.failed()) return false;
        if (type == kRegisteredItuT35 && isCaptionPayload(payload)) return true;
    }
    return false;
}

}  // namespace

bool containsCaptions(ByteView sample) {
    NalReader nals(sample);
    while (const auto nal = nals.next()) {
        if (nalType(*nal) == NalType::Sei && seiHasCaptions(*nal)) return true;
    }
    return false;
}

}  // namespace live::media::h264
