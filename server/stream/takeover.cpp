#include "server/stream/takeover.h"

namespace live::stream {

bool TakeoverRule::mayTakeOver(const Encoder& current, BootTime lastMedia, const Encoder& newcomer, BootTime now) {
    const bool isDelivering = now - lastMedia <= kRecentMedia;
    const bool isAnother = current.address != newcomer.address || current.name != newcomer.name;
    if (!isDelivering || !isAnother) return true;
    while (!m_counted.empty() && now - m_counted.front() > kWindow) m_counted.pop_front();
    if (m_counted.size() + 1 >= kRefusedTakeover) return false;
    m_counted.push_back(now);
    return true;
}

std::string addressOf(const std::string& peer) { return peer.substr(0, peer.rfind(':')); }

}  // namespace live::stream
