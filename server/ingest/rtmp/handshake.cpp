#include "server/ingest/rtmp/handshake.h"

namespace live::ingest::rtmp {

namespace {

constexpr std::uint8_t kVersion = 3;

// splitmix64.
std::uint64_t nextRandom(std::uint64_t& state) {
    std::uint64_t z = state += 0x9E3779B97F4A7C15;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
    return z ^ (z >> 31);
}

}  // namespace

Result<void> Handshake::receive(ByteView& input, ByteWriter& output) {
    if (m_received == 0 && !input.empty()) {
        if (input[0] != kVersion) {
            return fail(ErrorCode::Protocol,
                        "the first byte is " + std::to_string(input[0]) + ", not RTMP's version 3: this is not RTMP");
        }
        input = input.subspan(1);
        m_received = 1;
    }
    const std::size_t endOfFirst = kVersionBytes + kPacketBytes;
    if (m_received < endOfFirst) {
        const std::size_t count = std::min(input.size(), endOfFirst - m_received);
        m_clientPacket.insert(m_clientPacket.end(), input.begin(), input.begin() + static_cast<std::ptrdiff_t>(count));
        input = input.subspan(count);
        m_received += count;
        if (m_received == endOfFirst) answer(output);
    }
    if (m_received >= endOfFirst && !isDone()) {
        const std::size_t count = std::min(input.size(), endOfFirst + kPacketBytes - m_received);
        input = input.subspan(count);
        m_received += count;
    }
    return {};
}

void Handshake::answer(ByteWriter& output) {
    output.u8(kVersion).u32(0).u32(0);
    for (std::size_t i = 0; i < (kPacketBytes - 8) / 8; ++i) output.u64(nextRandom(m_seed));
    output.bytes(m_clientPacket);
    m_clientPacket = Bytes();
}

}  // namespace live::ingest::rtmp
