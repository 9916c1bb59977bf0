// Warnings about broadcasters that something is wrong with: each reason at most once a second, with the peer that came
// last, so that neither a crowd fills the log nor one reason hides another. Owner thread: the media thread.
#pragma once

#include <map>
#include <string>
#include <utility>

#include "common/log/log.h"
#include "common/log/rate_limit.h"

namespace live::ingest::io {

struct Trouble {
    std::string peer;
    std::string streamId;  // empty: not known yet
    std::string message;
};

class ReasonLog {
public:
    // Reasons of a second that are told apart; more are counted together.
    static constexpr std::size_t kMaxReasons = 16;

    // All lines are of this event.
    ReasonLog(log::Logger logger, std::string_view event) : m_logger(std::move(logger)), m_event(event) {}

    void add(const Trouble& trouble, BootTime now);
    // From a timer: the rest of bursts whose first line is out already.
    void reportDue(BootTime now);

private:
    struct Reason {
        log::RateLimit limit{};
        std::string peer{};
        BootTime lastAt{};
    };
    using Name = std::pair<std::string, std::string>;  // stream, message

    Reason& reasonOf(const Name& name);
    void write(const Name& name, const Reason& reason, std::uint64_t count) const;

    log::Logger m_logger;
    std::string_view m_event;
    std::map<Name, Reason> m_reasons;
    Reason m_others;
};

}  // namespace live::ingest::io
