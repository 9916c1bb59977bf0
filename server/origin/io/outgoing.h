// A response on its way out: which bytes have still to be written.
#pragma once

#include <sys/uio.h>

#include <array>
#include <span>
#include <string>
#include <vector>

#include "server/origin/response.h"

namespace live::origin::io {

class Outgoing {
public:
    enum class Body : std::uint8_t { Send, Omit };  // Omit: the answer to HEAD

    // `tail` ends the head: Date, perhaps Connection, and the empty line.
    Outgoing(ResponsePtr response, std::string tail, Body body);

    bool isDone() const { return m_remaining == 0; }
    std::size_t remaining() const { return m_remaining; }
    // The next pieces, at most kMaxPieces; valid until advance().
    std::span<const iovec> pieces() const;
    void advance(std::size_t written);

private:
    static constexpr std::size_t kMaxPieces = 64;

    ResponsePtr m_response;
    std::string m_tail;
    std::vector<iovec> m_pieces;
    std::size_t m_first = 0;
    std::size_t m_remaining = 0;
};

}  // namespace live::origin::io
