// Where time comes from. Everything that needs "now" takes a Clock, so that tests run on virtual time.
#pragma once

#include <atomic>

#include "common/base/time.h"

namespace live {

class Clock {
public:
    virtual ~Clock() = default;
    virtual BootTime boot() const = 0;
    virtual UnixTime unix() const = 0;
};

// CLOCK_BOOTTIME and CLOCK_REALTIME. Any thread.
class SystemClock final : public Clock {
public:
    BootTime boot() const override;
    UnixTime unix() const override;
};

// Virtual time for tests: both clocks advance together, the Unix clock can also be stepped. Any thread.
class ManualClock final : public Clock {
public:
    explicit ManualClock(UnixTime unix = UnixTime(Seconds(1'780'000'000)), BootTime boot = BootTime(Seconds(1000)))
        : m_boot(boot.time_since_epoch().count()), m_unix(unix.time_since_epoch().count()) {}

    BootTime boot() const override { return BootTime(Nanoseconds(m_boot.load())); }
    UnixTime unix() const override { return UnixTime(Nanoseconds(m_unix.load())); }
    void advance(Nanoseconds by) {
        m_boot += by.count();
        m_unix += by.count();
    }
    void stepUnix(Nanoseconds by) { m_unix += by.count(); }

private:
    std::atomic<std::int64_t> m_boot;
    std::atomic<std::int64_t> m_unix;
};

}  // namespace live
