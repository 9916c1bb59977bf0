#include "common/config/suggestion.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace live::config {

namespace {
constexpr std::size_t kMaxComparedBytes = 64;

using Distance = std::pair<std::size_t, std::size_t>;  // smaller first

std::string_view lastPart(std::string_view key) { return key.substr(key.rfind('.') + 1); }
}  // namespace

std::size_t editDistance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> before(b.size() + 1), row(b.size() + 1), next(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        next[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t substituted = row[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            next[j] = std::min({row[j] + 1, next[j - 1] + 1, substituted});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                next[j] = std::min(next[j], before[j - 2] + 1);
        }
        std::swap(before, row);
        std::swap(row, next);
    }
    return row[b.size()];
}

std::optional<std::string> suggestion(std::string_view key, std::span<const std::string> known) {
    if (key.size() > kMaxComparedBytes) return std::nullopt;
    const std::string* best = nullptr;
    const std::size_t limit = std::max<std::size_t>(2, key.size() / 4);
    Distance bestDistance{limit + 1, 0};
    for (const std::string& candidate : known) {
        const std::size_t edits = editDistance(key, candidate);
        // The same name in another section is as far as anything may be, and then the nearest section is meant.
        const bool isSameName = lastPart(candidate) == lastPart(key);
        const Distance distance{isSameName ? std::min(edits, limit) : edits, edits};
        if (distance >= bestDistance) continue;
        best = &candidate;
        bestDistance = distance;
    }
    return best ? std::optional(*best) : std::nullopt;
}

}  // namespace live::config
