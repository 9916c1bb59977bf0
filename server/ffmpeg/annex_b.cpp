#include "server/ffmpeg/annex_b.h"

#include <algorithm>
#include <array>

namespace live::ffmpeg {

namespace {

enum NalType : std::uint8_t { kSei = 6, kSps = 7, kPps = 8, kDelimiter = 9 };
constexpr std::uint8_t kUserDataUnregistered = 5;

NalType typeOf(ByteView nal) { return static_cast<NalType>(nal[0] & 0x1f); }

// Position of the next 00 00 01 at or after `from`, or the end.
std::size_t startCode(ByteView bytes, std::size_t from) {
    constexpr std::array<std::uint8_t, 3> kCode{0, 0, 1};
    const auto found = std::search(bytes.begin() + static_cast<std::ptrdiff_t>(from), bytes.end(), kCode.begin(), kCode.end());
    return static_cast<std::size_t>(found - bytes.begin());
}

bool belongsInSample(ByteView nal) {
    switch (typeOf(nal)) {
        case kSps:
        case kPps:
        case kDelimiter: return false;
        case kSei: return nal.size() < 2 || nal[1] != kUserDataUnregistered;
        default: return true;
    }
}

}  // namespace

void forEachNal(ByteView annexB, const std::function<void(ByteView)>& onNal) {
    std::size_t code = startCode(annexB, 0);
    while (code < annexB.size()) {
        const std::size_t begin = code + 3;
        code = startCode(annexB, begin);
        std::size_t end = code;
        while (end > begin && annexB[end - 1] == 0) --end;
        if (end > begin) onNal(annexB.subspan(begin, end - begin));
    }
}

Result<Buffer> avcConfiguration(ByteView annexBHeaders) {
    ByteView sps;
    ByteView pps;
    forEachNal(annexBHeaders, [&](ByteView nal) {
        if (typeOf(nal) == kSps) sps = nal;
        if (typeOf(nal) == kPps) pps = nal;
    });
    if (sps.size() < 4 || pps.empty()) return fail(ErrorCode::Protocol, "the encoder gave no parameter sets");
    ByteWriter out;
    out.u8(1).bytes(sps.subspan(1, 3)).u8(0xff);
    out.u8(0xe1).u16(sps.size()).bytes(sps);
    out.u8(1).u16(pps.size()).bytes(pps);
    constexpr std::uint8_t kBaseline = 66, kMain = 77, kExtended = 88;
    if (sps[1] != kBaseline && sps[1] != kMain && sps[1] != kExtended) {
        out.u8(0xfc | 1).u8(0xf8).u8(0xf8).u8(0);  // 4:2:0, 8 bits, 8 bits, no SPS extensions
    }
    return Buffer(out.take());
}

Buffer avcSample(ByteView annexB) {
    ByteWriter out;
    out.reserve(annexB.size() + 16);
    forEachNal(annexB, [&](ByteView nal) {
        if (belongsInSample(nal)) out.u32(nal.size()).bytes(nal);
    });
    return Buffer(out.take());
}

}  // namespace live::ffmpeg
