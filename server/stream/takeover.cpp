#include "server/stream/takeover.h"

namespace live::stream {

bool TakeoverRule::mayTakeOver(const Encoder& current, BootTime lastMedia, const Encoder& newcomer, BootTime now) {
    const bool isDelivering = now - lastMedia <= kRecentMedia;
    const bool isAnother = current.address != newcomer.address || current.name != newcomer.name;
    if (!isDelivering) return true;
    std::deque<BootTime>& counted = isAnother ? m_byOthers : m_returns;
    while (!counted.empty() && now - counted.front() > kWindow) counted.pop_front();
    if (counted.size() + 1 >= (isAnother ? kRefusedTakeover : kRefusedReturn)) return false;
    counted.push_back(now);
    return true;
}

std::string addressOf(const std::string& peer) { return peer.substr(0, peer.rfind(':')); }

}  // namespace live::stream
