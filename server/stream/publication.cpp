#include "server/stream/publication.h"

namespace live::stream {

Publication::Publication(StreamId stream, store::Directory& directory, const Clock& clock, Dropped dropped)
    : m_stream(std::move(stream)), m_directory(directory), m_clock(clock), m_dropped(std::move(dropped)) {}

void Publication::starting() {
    if (m_entry.current) {
        drop(m_entry.previous);
        m_entry.previous = std::exchange(m_entry.current, nullptr);
    }
    m_entry.isStarting = true;
    m_endedAt.reset();
    m_dropPreviousAt.reset();
    set();
}

void Publication::publish(std::shared_ptr<const store::StreamSnapshot> snapshot) {
    if (m_entry.previous && m_entry.previous->plan.broadcast == snapshot->plan.broadcast) {
        m_entry.previous = std::move(snapshot);  // it closes while the next one starts
        return set();
    }
    if (m_entry.isStarting && m_entry.previous) m_dropPreviousAt = m_clock.boot() + snapshot->plan.window;
    m_entry.isStarting = false;
    if (snapshot->isEnded && !m_endedAt) m_endedAt = m_clock.boot();
    m_entry.current = std::move(snapshot);
    set();
}

void Publication::abandon() {
    m_entry.isStarting = false;
    if (m_entry.previous && !m_entry.current) {
        m_entry.current = std::move(m_entry.previous);
        m_entry.previous = nullptr;
        m_endedAt = m_clock.boot();
    }
    set();
}

void Publication::tick() {
    const BootTime now = m_clock.boot();
    if (m_endedAt && now - *m_endedAt >= kKeepEnded) {
        m_endedAt.reset();
        drop(m_entry.current);
        set();
    }
    if (m_dropPreviousAt && now >= *m_dropPreviousAt) {
        drop(m_entry.previous);
        m_dropPreviousAt.reset();
        set();
    }
}

void Publication::drop(std::shared_ptr<const store::StreamSnapshot>& snapshot) {
    if (snapshot) m_dropped(snapshot->plan.broadcast);
    snapshot = nullptr;
}

void Publication::set() {
    if (m_entry.isStarting || m_entry.current || m_entry.previous)
        m_directory.set(m_stream, m_entry);
    else
        m_directory.remove(m_stream);
}

}  // namespace live::stream
