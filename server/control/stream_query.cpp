#include "server/control/stream_query.h"

#include <charconv>
#include <set>

namespace live::control {

namespace {

constexpr std::size_t kMaxLimit = 500;

// A sentence if the value is not accepted.
std::optional<std::string> readParameter(const std::string& name, const std::string& value, StreamQuery& query) {
    if (name == "q") {
        query.text = value;
    } else if (name == "state") {
        const auto state = parseStreamState(value);
        if (!state) return state.error().message;
        query.state = *state;
    } else if (name == "enabled") {
        if (value != "true" && value != "false") return "enabled is not true or false";
        query.enabled = value == "true";
    } else if (name == "limit") {
        const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), query.limit);
        const bool isNumber = error == std::errc() && end == value.data() + value.size();
        if (!isNumber || query.limit < 1 || query.limit > kMaxLimit) return "limit is not a whole number from 1 to 500";
    } else if (name == "cursor") {
        if (!StreamId::parse(value)) return "cursor is not one that an answer gave as next_cursor";
        query.after = value;
    } else {
        return "'" + name.substr(0, 64) + "' is not a parameter here; accepted are q, state, enabled, limit, cursor";
    }
    return std::nullopt;
}

}  // namespace

api::Outcome<StreamQuery> parseStreamQuery(const std::vector<std::pair<std::string, std::string>>& parameters) {
    StreamQuery query;
    std::vector<api::FieldError> errors;
    std::set<std::string> seen;
    for (const auto& [name, value] : parameters) {
        auto wrong = readParameter(name, value, query);
        if (!seen.insert(name).second) wrong = name + " is given twice";
        if (wrong) errors.push_back({"?" + name.substr(0, 64), *wrong});
    }
    if (!errors.empty()) return std::unexpected(api::invalid(std::move(errors)));
    return query;
}

}  // namespace live::control
