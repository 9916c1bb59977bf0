// What a peer may make us hold. Beyond any of these the session ends with a Protocol error.
#pragma once

#include <cstddef>
#include <cstdint>

namespace live::ingest::rtmp {

inline constexpr std::size_t kMaxMessageBytes = std::size_t{8} * 1024 * 1024;
inline constexpr std::size_t kMaxPartialBytes =
    std::size_t{16} * 1024 * 1024;  // memory for all messages that are not complete yet
inline constexpr std::size_t kMaxChunkStreams = 64;
inline constexpr std::size_t kMaxBytesBeforePublish =
    std::size_t{64} * 1024;  // after the handshake, until publish is accepted
inline constexpr std::size_t kMaxDataMessageBytes =
    std::size_t{64} * 1024;                                 // of metadata and commands, and of anything before publish
inline constexpr std::size_t kMaxMessagesPerSecond = 4000;  // of audio, video and metadata; 60 fps with AAC has 110
inline constexpr std::size_t kMaxAmfValues = 4096;          // in one message
inline constexpr int kMaxAmfDepth = 16;
inline constexpr std::size_t kMaxKeyBytes = 512;

}  // namespace live::ingest::rtmp
