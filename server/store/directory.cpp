#include "server/store/directory.h"

namespace live::store {

std::shared_ptr<const StreamEntry> Directory::find(const StreamId& stream) const {
    const std::lock_guard lock(m_mutex);
    const auto found = m_entries.find(stream);
    return found == m_entries.end() ? nullptr : found->second;
}

void Directory::set(const StreamId& stream, StreamEntry entry) {
    auto shared = std::make_shared<const StreamEntry>(std::move(entry));
    {
        const std::lock_guard lock(m_mutex);
        m_entries[stream].swap(shared);  // the old entry is freed outside the lock
    }
    notify(stream);
}

void Directory::remove(const StreamId& stream) {
    {
        const std::lock_guard lock(m_mutex);
        m_entries.erase(stream);
    }
    notify(stream);
}

void Directory::addListener(Listener listener) {
    const std::lock_guard lock(m_mutex);
    m_listeners.push_back(std::move(listener));
}

void Directory::notify(const StreamId& stream) const {
    std::vector<Listener> listeners;
    {
        const std::lock_guard lock(m_mutex);
        listeners = m_listeners;
    }
    for (const Listener& listener : listeners) listener(stream);
}

}  // namespace live::store
