// The server's side of the simple handshake (Adobe RTMP specification 1.0, §5.2). No I/O; one owner.
//
// C0 C1 are answered with S0 S1 S2 at once; C2 is read and not checked, since what encoders put there differs.
// Encoders that offer the digest handshake (C1 bytes 4 to 7 not zero) accept the simple one.
#pragma once

#include "common/base/bytes.h"
#include "common/base/error.h"

namespace live::ingest::rtmp {

class Handshake {
public:
    // `seed` varies the 1528 bytes of S1 that the specification wants random; nothing is secret about them.
    explicit Handshake(std::uint64_t seed) : m_seed(seed) {}

    // Consumes from the front of `input` and appends the answer to `output`. What is left of `input` once isDone() is
    // the first chunk. Protocol if the version is not RTMP's.
    Result<void> receive(ByteView& input, ByteWriter& output);
    bool isDone() const { return m_received == kVersionBytes + 2 * kPacketBytes; }

private:
    static constexpr std::size_t kVersionBytes = 1;
    static constexpr std::size_t kPacketBytes = 1536;

    void answer(ByteWriter& output);

    std::uint64_t m_seed;
    std::size_t m_received = 0;  // of C0 C1 C2
    Bytes m_clientPacket;        // C1, until it is answered
};

}  // namespace live::ingest::rtmp
