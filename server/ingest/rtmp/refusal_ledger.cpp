#include "server/ingest/rtmp/refusal_ledger.h"

#include <algorithm>

namespace live::ingest::rtmp {

namespace {
constexpr Nanoseconds kReportInterval = Seconds(60);
}

RefusalLedger::RefusalLedger(std::uint32_t refusalsPerMinute)
    : m_refill(refusalsPerMinute == 0 ? Nanoseconds(0) : Nanoseconds(Seconds(60)) / refusalsPerMinute) {}

RefusalLedger::Network RefusalLedger::networkOf(const std::array<std::uint8_t, 16>& address) {
    static constexpr std::array<std::uint8_t, 12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
    if (std::equal(kMapped.begin(), kMapped.end(), address.begin())) return address;
    Network network{};
    std::copy_n(address.begin(), 8, network.begin());
    return network;
}

RefusalLedger::Verdict RefusalLedger::arrived(const Network& network, BootTime now) {
    if (wait(network, now) == Nanoseconds(0)) return Verdict::Allowed;
    Bucket& bucket = m_buckets.at(network);
    if (now < bucket.reportAt) return Verdict::TurnedAway;
    bucket.reportAt = now + kReportInterval;
    return Verdict::TurnedAwayFirst;
}

Nanoseconds RefusalLedger::wait(const Network& network, BootTime now) const {
    const auto found = m_buckets.find(network);
    if (found == m_buckets.end() || m_publishers.contains(network)) return Nanoseconds(0);
    return std::max(Nanoseconds(0), found->second.fullAt - now - (kBurst - 1) * m_refill);
}

void RefusalLedger::refused(const Network& network, BootTime now) {
    if (m_refill == Nanoseconds(0) || m_publishers.contains(network)) return;
    const auto found = m_buckets.find(network);
    if (found == m_buckets.end() && m_buckets.size() == kMaxNetworks) forgetOne();
    const BootTime before = found == m_buckets.end() ? now : std::max(found->second.fullAt, now);
    // Sessions that were open when the bucket ran empty do not lengthen the wait.
    setFullAt(network, std::min(before + m_refill, now + kBurst * m_refill));
}

void RefusalLedger::publishesNoMore(const Network& network) {
    const auto found = m_publishers.find(network);
    if (found != m_publishers.end() && --found->second == 0) m_publishers.erase(found);
}

void RefusalLedger::setFullAt(const Network& network, BootTime time) {
    Bucket& bucket = m_buckets[network];
    m_byFullness.erase({bucket.fullAt, network});
    bucket.fullAt = time;
    m_byFullness.emplace(time, network);
}

void RefusalLedger::forgetOne() {
    m_buckets.erase(m_byFullness.begin()->second);
    m_byFullness.erase(m_byFullness.begin());
}

}  // namespace live::ingest::rtmp
