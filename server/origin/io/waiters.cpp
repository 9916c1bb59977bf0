#include "server/origin/io/waiters.h"

namespace live::origin::io {

namespace {
void append(std::string& key, std::string_view text) { key.append(text).push_back('\0'); }

template <class Number>
void append(std::string& key, const std::optional<Number>& number) {
    append(key, number ? std::to_string(*number) : std::string());
}

// Different for requests that differ.
std::string groupKey(const MediaRequest& request) {
    const MediaPath& path = request.path;
    std::string key;
    key.push_back(static_cast<char>('0' + static_cast<int>(path.kind)));
    key.push_back(request.acceptsGzip ? 'z' : '-');
    key.push_back(request.query.wantsDelta ? 'd' : '-');
    key.push_back(request.range ? 'r' : '-');
    append(key, path.broadcast);
    append(key, path.rendition);
    append(key, path.initName);
    append(key, std::to_string(path.slot.segment));
    append(key, std::to_string(path.slot.part));
    append(key, request.query.msn);
    append(key, request.query.part);
    if (request.range) {
        append(key, request.range->first);
        append(key, request.range->last);
    }
    append(key, request.ifRange);
    append(key, request.ifNoneMatch);
    return key;
}
}  // namespace

void Waiters::add(const MediaRequest& request, Waiter& waiter) {
    std::string key = groupKey(request);
    Groups& groups = m_streams[request.path.stream];
    const auto [found, isNew] = groups.try_emplace(std::move(key));
    Group& group = found->second;
    if (isNew) {
        group.request = request;
        group.key = found->first;
    }
    waiter.m_group = &group;
    waiter.m_position = group.waiters.insert(group.waiters.end(), &waiter);
}

void Waiters::leave(Waiter& waiter) {
    Group* group = std::exchange(waiter.m_group, nullptr);
    if (!group) return;
    group->waiters.erase(waiter.m_position);
    if (!group->waiters.empty()) return;
    const auto stream = m_streams.find(group->request.path.stream);
    const std::string key = group->key;
    stream->second.erase(key);
    if (stream->second.empty()) m_streams.erase(stream);
}

void Waiters::wake(const StreamId& stream, const store::StreamEntry* entry, BootTime now) {
    const auto found = m_streams.find(stream);
    if (found == m_streams.end()) return;
    Groups& groups = found->second;
    for (auto named = groups.begin(); named != groups.end();) {
        const Decision decision = decide(named->second.request, entry, now, Phase::Held);
        const auto* response = std::get_if<ResponsePtr>(&decision);
        if (response) release(named->second, *response);
        named = response ? groups.erase(named) : std::next(named);
    }
    if (found->second.empty()) m_streams.erase(found);
}

void Waiters::releaseAll(const ResponsePtr& response) {
    for (auto& [stream, groups] : m_streams)
        for (auto& [key, group] : groups) release(group, response);
    m_streams.clear();
}

void Waiters::release(Group& group, const ResponsePtr& response) {
    for (Waiter* waiter : group.waiters) {
        waiter->m_group = nullptr;
        waiter->released(response);
    }
    group.waiters.clear();
}

}  // namespace live::origin::io
