// The bytes of one viewer connection. Non-blocking calls and readiness, so that TLS on the same descriptor fits behind
// it.
#pragma once

#include <sys/uio.h>

#include <cstdint>
#include <functional>
#include <span>

namespace live::origin::io {

// One owner thread.
class Transport {
public:
    enum class Direction : std::uint8_t { Readable, Writable };
    enum class State : std::uint8_t {
        Open,
        Blocked,  // nothing moved; wait() first
        Closed,   // by the peer, or broken
    };
    struct Transfer {
        State state = State::Open;
        std::size_t bytes = 0;
    };

    virtual ~Transport() = default;
    virtual Transfer read(std::span<std::uint8_t> into) = 0;
    // May take only a part of what is offered.
    virtual Transfer write(std::span<const iovec> from) = 0;
    // Calls `ready` once, later, on the owner thread: when the direction may make progress, and also after close().
    // At most one wait a direction at a time.
    virtual void wait(Direction direction, std::move_only_function<void()> ready) = 0;
    // Tells the peer that nothing more will be written.
    virtual void finish() = 0;
    virtual void close() = 0;
};

}  // namespace live::origin::io
