// Where the media thread puts what viewers may see, and where viewer threads look it up.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "common/base/ids.h"
#include "server/store/snapshot.h"

namespace live::store {

// The published state of one stream. `starting` is set between an accepted publish and the first playlist: requests
// are held then instead of refused. A snapshot stays after the end until the stream says otherwise.
struct StreamEntry {
    bool isStarting = false;
    std::shared_ptr<const StreamSnapshot> current;
    std::shared_ptr<const StreamSnapshot> previous;  // the broadcast before, for one window after the next one starts
};

// Any thread. Readers take a shared_ptr; writers replace it and then tell the listeners which stream changed.
class Directory {
public:
    using Listener = std::function<void(const StreamId&)>;

    // Nothing for a stream that is idle or unknown: answer 404 at once.
    std::shared_ptr<const StreamEntry> find(const StreamId& stream) const;
    void set(const StreamId& stream, StreamEntry entry);
    void remove(const StreamId& stream);
    // Called on the thread that called set() or remove(), after the change is visible; must not block.
    void addListener(Listener listener);

private:
    void notify(const StreamId& stream) const;

    mutable std::mutex m_mutex;
    std::unordered_map<StreamId, std::shared_ptr<const StreamEntry>> m_entries;
    std::vector<Listener> m_listeners;
};

}  // namespace live::store
