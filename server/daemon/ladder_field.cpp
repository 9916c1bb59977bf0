#include "server/daemon/ladder_field.h"

namespace live::daemon {

namespace {
using config::Entry;
using config::Refusal;
using config::Value;
using Refusals = std::vector<Refusal>;

// What fits the members; ranges are common/model's business.
constexpr std::int64_t kMaxNumber = 1'000'000'000;

std::optional<std::int64_t> number(const Entry& entry, const std::string& suffix, Refusals& refusals) {
    const auto* value = std::get_if<std::int64_t>(&entry.value.data);
    if (!value) {
        refusals.push_back({"is " + std::string(entry.value.typeName()), suffix, entry.value.position});
    } else if (*value < 0 || *value > kMaxNumber) {
        refusals.push_back({std::to_string(*value) + " is out of range", suffix, entry.value.position});
    } else {
        return *value;
    }
    return std::nullopt;
}

Rung rungOf(const Value::Table& table, const Value& value, const std::string& suffix, Refusals& refusals) {
    Rung rung;
    bool hasHeight = false;
    for (const Entry& entry : table) {
        const std::string name = suffix + "." + entry.key;
        if (entry.key == "height") {
            hasHeight = true;
            rung.height = static_cast<std::uint32_t>(number(entry, name, refusals).value_or(0));
        } else if (entry.key == "bitrate_bps") {
            rung.bitrate = number(entry, name, refusals).value_or(0);
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
            ladder.push_back(rungOf(*table, rung, suffix, refusals));
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
