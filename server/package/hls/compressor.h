// Playlist bodies in the two encodings they are served in.
#pragma once

#include <memory>
#include <string>

#include "server/store/snapshot.h"

struct z_stream_s;

namespace live::package::hls {

// Keeps one deflate state for all bodies: setting one up costs more than compressing a playlist. One owner thread.
class Compressor {
public:
    Compressor();
    ~Compressor();
    Compressor(const Compressor&) = delete;
    Compressor& operator=(const Compressor&) = delete;

    // The same text always gives the same bytes (RFC 1952: no time, no name). gzip is empty when it would not be
    // smaller.
    store::TextBody body(const std::string& text);

private:
    std::unique_ptr<z_stream_s> m_stream;
};

}  // namespace live::package::hls
