// The held requests of one viewer thread.
#pragma once

#include <list>
#include <string>
#include <unordered_map>

#include "server/origin/decide.h"

namespace live::origin::io {

// Equal requests form a group: the decision is made once for all of them, and they share one response. One owner
// thread.
class Waiters {
    struct Group;

public:
    class Waiter {
    public:
        virtual ~Waiter() = default;
        // Called at most once for each add(), from within wake() or releaseAll(); must not call back into Waiters.
        virtual void released(const ResponsePtr& response) = 0;

    private:
        friend class Waiters;
        Group* m_group = nullptr;
        std::list<Waiter*>::iterator m_position;
    };

    Waiters() = default;
    Waiters(const Waiters&) = delete;
    Waiters& operator=(const Waiters&) = delete;

    // `waiter` must leave before it is destroyed.
    void add(const MediaRequest& request, Waiter& waiter);
    // Does nothing for a waiter that has been released.
    void leave(Waiter& waiter);
    // Decides again for everything that waits for `stream`.
    void wake(const StreamId& stream, const store::StreamEntry* entry, BootTime now);
    void releaseAll(const ResponsePtr& response);

private:
    struct Group {
        MediaRequest request;
        std::string key;
        std::list<Waiter*> waiters;  // in the order of arrival
    };
    using Groups = std::unordered_map<std::string, Group>;

    static void release(Group& group, const ResponsePtr& response);

    std::unordered_map<StreamId, Groups> m_streams;
};

}  // namespace live::origin::io
