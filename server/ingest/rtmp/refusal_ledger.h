// How many wrong keys and broken sessions an address may bring before it is turned away. No clock and no I/O; one
// owner.
//
// Each network (an IPv4 address, or an IPv6 /64) has a bucket of kBurst tokens that refills at a steady rate; a refusal
// takes one, and an empty bucket turns the network away. A network that publishes now is never limited and pays
// nothing: a broadcaster may share an address with somebody who guesses. Memory: kMaxNetworks buckets; beyond them the
// one that is full, or would be first, is forgotten.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <set>

#include "common/base/time.h"

namespace live::ingest::rtmp {

class RefusalLedger {
public:
    static constexpr int kBurst = 10;
    static constexpr std::size_t kMaxNetworks = 4096;
    using Network = std::array<std::uint8_t, 16>;

    enum class Verdict : std::uint8_t {
        Allowed,
        TurnedAway,
        TurnedAwayFirst,  // for the first time in a minute: worth a line in the log
    };

    // At 0 nobody is limited.
    explicit RefusalLedger(std::uint32_t refusalsPerMinute);

    // Of an IPv6 address, or an IPv4 one mapped into it (RFC 4291 §2.5.5.2).
    static Network networkOf(const std::array<std::uint8_t, 16>& address);

    // For a connection that has just come.
    Verdict arrived(const Network& network, BootTime now);
    // How long until one more is let in; 0: now.
    Nanoseconds wait(const Network& network, BootTime now) const;
    void refused(const Network& network, BootTime now);
    // In pairs.
    void publishes(const Network& network) { ++m_publishers[network]; }
    void publishesNoMore(const Network& network);

    std::size_t size() const { return m_buckets.size(); }

private:
    struct Bucket {
        BootTime fullAt{};
        BootTime reportAt{};  // the next line in the log is due
    };

    void setFullAt(const Network& network, BootTime time);
    void forgetOne();

    Nanoseconds m_refill;  // for one token; 0: off
    std::map<Network, Bucket> m_buckets;
    std::set<std::pair<BootTime, Network>> m_byFullness;  // fullest first
    std::map<Network, std::size_t> m_publishers;
};

}  // namespace live::ingest::rtmp
