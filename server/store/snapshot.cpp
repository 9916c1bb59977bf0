#include "server/store/snapshot.h"

#include <numeric>

namespace live::store {

Nanoseconds Segment::duration() const {
    return std::accumulate(parts.begin(), parts.end(), Nanoseconds{},
                           [](Nanoseconds sum, const Part& part) { return sum + part.duration; });
}

std::size_t Segment::byteSize() const {
    return std::accumulate(parts.begin(), parts.end(), std::size_t{},
                           [](std::size_t sum, const Part& part) { return sum + part.bytes.size(); });
}

std::optional<std::size_t> StreamSnapshot::find(const std::string& id) const {
    for (std::size_t i = 0; i < renditions.size(); ++i)
        if (renditions[i].id.text() == id) return i;
    return std::nullopt;
}

}  // namespace live::store
