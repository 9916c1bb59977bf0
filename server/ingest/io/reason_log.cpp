#include "server/ingest/io/reason_log.h"

namespace live::ingest::io {

namespace {

// The last line of a reason comes up to one second after it was last given; the next one, not before another.
constexpr Nanoseconds kForgottenAfter = Seconds(2);
constexpr const char* kOthers = "other reasons, more of them at once than are told apart";

}  // namespace

void ReasonLog::add(const Trouble& trouble, BootTime now) {
    const Name name(trouble.streamId, trouble.message);
    Reason& reason = reasonOf(name);
    reason.peer = trouble.peer;
    reason.lastAt = now;
    if (const auto count = reason.limit.count(now))
        write(&reason == &m_others ? Name("", kOthers) : name, reason, *count);
}

void ReasonLog::reportDue(BootTime now) {
    for (auto& [name, reason] : m_reasons)
        if (const auto count = reason.limit.due(now)) write(name, reason, *count);
    if (const auto count = m_others.limit.due(now)) write({"", kOthers}, m_others, *count);
    std::erase_if(m_reasons, [now](const auto& entry) { return now - entry.second.lastAt >= kForgottenAfter; });
}

ReasonLog::Reason& ReasonLog::reasonOf(const Name& name) {
    if (m_reasons.size() == kMaxReasons && !m_reasons.contains(name)) return m_others;
    return m_reasons[name];
}

void ReasonLog::write(const Name& name, const Reason& reason, std::uint64_t count) const {
    const auto& [stream, message] = name;
    if (stream.empty())
        m_logger.warning(m_event, {{"peer", reason.peer}, {"message", message}, {"count", count}});
    else
        m_logger.warning(m_event,
                         {{"peer", reason.peer}, {"stream_id", stream}, {"message", message}, {"count", count}});
}

}  // namespace live::ingest::io
