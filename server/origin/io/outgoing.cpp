#include "server/origin/io/outgoing.h"

#include <algorithm>

namespace live::origin::io {

Outgoing::Outgoing(ResponsePtr response, std::string tail, Body body)
    : m_response(std::move(response)), m_tail(std::move(tail)) {
    const auto add = [this](ByteView bytes) {
        if (bytes.empty()) return;
        m_pieces.push_back({const_cast<std::uint8_t*>(bytes.data()), bytes.size()});  // writev(2) only reads
        m_remaining += bytes.size();
    };
    m_pieces.reserve(2 + m_response->body.size());
    add(m_response->head.view());
    add(asBytes(m_tail));
    if (body == Body::Omit) return;
    for (const Buffer& buffer : m_response->body) add(buffer.view());
}

std::span<const iovec> Outgoing::pieces() const {
    const std::size_t count = std::min(m_pieces.size() - m_first, kMaxPieces);
    return {m_pieces.data() + m_first, count};
}

void Outgoing::advance(std::size_t written) {
    m_remaining -= written;
    while (written > 0) {
        iovec& piece = m_pieces[m_first];
        const std::size_t taken = std::min(written, piece.iov_len);
        piece.iov_base = static_cast<std::uint8_t*>(piece.iov_base) + taken;
        piece.iov_len -= taken;
        written -= taken;
        if (piece.iov_len == 0) ++m_first;
    }
}

}  // namespace live::origin::io
