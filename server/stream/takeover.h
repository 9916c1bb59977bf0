// Who may take a stream over: the newest publisher with a key wins, until two encoders fight over one key.
#pragma once

#include <deque>
#include <string>

#include "common/base/time.h"

namespace live::stream {

// Pure; time is passed in. One per stream, on the media thread.
class TakeoverRule {
public:
    static constexpr std::size_t kRefusedTakeover = 3;  // of the window, by another address or encoder
    static constexpr std::size_t kRefusedReturn = 6;    // by one that looks the same
    static constexpr Nanoseconds kWindow = Seconds(30);
    static constexpr Nanoseconds kRecentMedia = Seconds(1);

    struct Encoder {
        std::string address;  // without the port: a reconnect comes from another one
        std::string name;
    };

    // True if `newcomer` may replace `current`, whose last media came at `lastMedia`. Only the takeover of a session
    // that is still delivering counts. An encoder that reconnects looks like two of a kind behind one address: it is
    // let in more often, and when it is not, then as soon as its last session is silent.
    bool mayTakeOver(const Encoder& current, BootTime lastMedia, const Encoder& newcomer, BootTime now);

private:
    std::deque<BootTime> m_byOthers;
    std::deque<BootTime> m_returns;
};

// "10.0.0.7" of "10.0.0.7:51234", "[::1]" of "[::1]:51234".
std::string addressOf(const std::string& peer);

}  // namespace live::stream
