#include "server/daemon/ladder_field.h"

#include <algorithm>

namespace live::daemon {

namespace {
using config::Entry;
using config::Refusal;
using config::Value;
using Refusals = std::vector<Refusal>;

// 0 if it is refused.
std::int64_t number(const Entry& entry, const std::string& suffix, Result<void> (*check)(std::int64_t),
                    Refusals& refusals) {
    const auto* value = std::get_if<std::int64_t>(&entry.value.data);
    if (!value) {
        refusals.push_back({"is " + std::string(entry.value.typeName()), suffix, entry.value.position});
        return 0;
    }
    const Result<void> checked = check(*value);
    if (checked) return *value;
    refusals.push_back({checked.error().message, suffix, entry.value.position});
    return 0;
}

Rung rungOf(const Value::Table& table, const Value& value, const std::string& suffix, Refusals& refusals) {
    Rung rung;
    bool hasHeight = false;
    for (const Entry& entry : table) {
        const std::string name = suffix + "." + entry.key;
        if (entry.key == "height") {
            hasHeight = true;
            rung.height = static_cast<std::uint32_t>(number(entry, name, checkHeight, refusals));
        } else if (entry.key == "bitrate_bps") {
            rung.bitrate = number(entry, name, checkBitrate, refusals);
        } else {
            refusals.push_back({"is not a key", name, entry.position});
        }
    }
    if (!hasHeight) refusals.push_back({"has no height", suffix, value.position});
    return rung;
}

Refusals assign(std::optional<Ladder>& target, const Value& value) {
    const auto* rungs = std::get_if<Value::Array>(&value.data);
    if (!rungs) return {{"is " + std::string(value.typeName())}};
    Refusals refusals;
    Ladder ladder;
    for (std::size_t i = 0; i < rungs->size() && i <= kMaxRungs; ++i) {
        const Value& rung = (*rungs)[i];
        const std::string suffix = "[" + std::to_string(i) + "]";
        if (const auto* table = std::get_if<Value::Table>(&rung.data)) {
            const Rung read = rungOf(*table, rung, suffix, refusals);
            if (read.height != 0 && std::ranges::count(ladder, read.height, &Rung::height) != 0)
                refusals.push_back({"has the height of another rung", suffix, rung.position});
            ladder.push_back(read);
        } else {
            refusals.push_back({"is " + std::string(rung.typeName()), suffix, rung.position});
        }
    }
    if (!refusals.empty()) return refusals;
    Result<Ladder> checked = validated(std::move(ladder));
    if (!checked) return {{checked.error().message}};
    target = std::move(*checked);
    return {};
}

std::string toml(const Ladder& ladder) {
    std::string out = "[";
    for (const Rung& rung : ladder)
        out += (out.size() > 1 ? ", {height = " : "{height = ") + std::to_string(rung.height) +
               ", bitrate_bps = " + std::to_string(rung.bitrate) + "}";
    return out + "]";
}
}  // namespace

config::Field ladderField(std::optional<Ladder>& target) {
    return {
        "1 to 8 tables with height (even, 160 to 2160) and bitrate_bps (50000 to 100000000, or 0 for the height's own)",
        [&target](const Value& value) { return assign(target, value); },
        [&target] { return toml(target.value_or(Ladder())); }};
}

}  // namespace live::daemon
