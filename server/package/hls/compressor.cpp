#include "server/package/hls/compressor.h"

#include <zlib.h>

#include "common/base/error.h"

namespace live::package::hls {

namespace {
// A playlist is compressed once for each slot and repeats itself a lot: level 1 leaves 20 % more than 6 at a third of
// the time.
constexpr int kLevel = 1;
constexpr int kGzipWindow = 15 + 16;
}  // namespace

Compressor::Compressor() : m_stream(std::make_unique<z_stream_s>()) {
    LIVE_ASSERT(deflateInit2(m_stream.get(), kLevel, Z_DEFLATED, kGzipWindow, 8, Z_DEFAULT_STRATEGY) == Z_OK);
}

Compressor::~Compressor() { deflateEnd(m_stream.get()); }

store::TextBody Compressor::body(const std::string& text) {
    store::TextBody body;
    Bytes packed(text.size());  // a result that does not fit is not wanted
    LIVE_ASSERT(deflateReset(m_stream.get()) == Z_OK);
    m_stream->next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    m_stream->avail_in = static_cast<uInt>(text.size());
    m_stream->next_out = packed.data();
    m_stream->avail_out = static_cast<uInt>(packed.size());
    if (deflate(m_stream.get(), Z_FINISH) == Z_STREAM_END) {
        packed.erase(packed.end() - m_stream->avail_out, packed.end());
        packed.shrink_to_fit();
        body.gzip = Buffer(std::move(packed));
    }
    body.plain = Buffer::copyOf(text);
    return body;
}

}  // namespace live::package::hls
