#include "common/config/schema.h"

#include <algorithm>
#include <cctype>

#include "common/config/suggestion.h"
#include "common/config/toml.h"

namespace live::config {

namespace {
constexpr std::string_view kPrefix = "LIVESERVER_";

std::string at(const std::string& file, Position position) {
    return file + ":" + std::to_string(position.line) + ":" + std::to_string(position.column);
}

// "LIVESERVER_RTMP__LISTEN" → "rtmp.listen"
std::string keyOfVariable(std::string_view variable) {
    std::string key;
    variable.remove_prefix(kPrefix.size());
    while (!variable.empty()) {
        const bool isSeparator = variable.starts_with("__") && key.find('.') == std::string::npos;
        key += isSeparator ? '.' : static_cast<char>(std::tolower(static_cast<unsigned char>(variable.front())));
        variable.remove_prefix(isSeparator ? 2 : 1);
    }
    return key;
}

// "rtmp.listen" → "LIVESERVER_RTMP__LISTEN"
std::string variableOf(std::string_view key) {
    std::string variable(kPrefix);
    for (const char c : key)
        variable += c == '.' ? "__" : std::string(1, static_cast<char>(std::toupper(static_cast<unsigned char>(c))));
    return variable;
}

std::string_view sectionOf(std::string_view key) {
    const std::size_t dot = key.find('.');
    return dot == std::string_view::npos ? std::string_view() : key.substr(0, dot);
}

void add(Errors& errors, Error error) {
    if (errors.size() < kMaxErrors) errors.push_back(std::move(error));
}
}  // namespace

void Schema::add(std::string key, Field field, std::string description) {
    LIVE_ASSERT(!find(key));
    m_keys.push_back({std::move(key), std::move(field), std::move(description)});
}

Errors Schema::applyFile(std::string_view text, const std::string& name) {
    const Result<Value::Table> table = parseToml(text);
    if (!table) {
        for (Key& key : m_keys) key.isRefused = true;  // what it would have said of them is not known
        const Error& error = table.error();
        return {{error.code, error.message, error.context.empty() ? name : name + ":" + error.context}};
    }
    Errors errors;
    applyTable(*table, "", name, errors);
    return errors;
}

Errors Schema::applyEnvironment(const std::vector<std::string>& variables) {
    Errors errors;
    for (const std::string& variable : variables) {
        const std::size_t equals = variable.find('=');
        if (!variable.starts_with(kPrefix) || equals == std::string::npos) continue;
        const std::string name = variable.substr(0, equals);
        const std::string key = keyOfVariable(name);
        if (Key* meant = keyMeantBy(key)) {
            meant->isRefused = true;
            config::add(errors, {ErrorCode::InvalidArgument,
                                 "is not read; the variable for " + meant->name + " is " + variableOf(meant->name),
                                 "environment " + name});
            continue;
        }
        if (key.find('.') == std::string::npos && !find(key)) continue;
        applyOverride(key, std::string_view(variable).substr(equals + 1), "environment " + name, errors);
    }
    return errors;
}

Errors Schema::applyAssignment(std::string_view assignment) {
    Errors errors;
    const std::size_t equals = assignment.find('=');
    if (equals == std::string_view::npos || equals == 0) {
        // What was meant as a value could be a secret; it is not repeated.
        return {{ErrorCode::InvalidArgument, "is not of the form section.key=value", "--set"}};
    }
    const std::string key(assignment.substr(0, equals));
    applyOverride(key, assignment.substr(equals + 1), "--set", errors);
    return errors;
}

void Schema::applyTable(const Value::Table& table, const std::string& prefix, const std::string& file, Errors& errors) {
    for (const Entry& entry : table) {
        const std::string name = prefix + entry.key;
        const auto* inner = std::get_if<Value::Table>(&entry.value.data);
        if (Key* key = find(name)) {
            assign(*key, entry.value, file, file, errors);
        } else if (isSection(name) && !inner) {
            config::add(errors,
                        {ErrorCode::InvalidArgument,
                         name + ": is " + std::string(entry.value.typeName()) + "; accepted: a section [" + name + "]",
                         at(file, entry.position)});
        } else if (inner && (isSection(name) || !inner->empty())) {
            applyTable(*inner, name + ".", file, errors);
        } else {
            config::add(errors, unknown(name, at(file, entry.position)));
        }
    }
}

void Schema::applyOverride(const std::string& name, std::string_view text, const std::string& source, Errors& errors) {
    Key* key = find(name);
    if (!key) return config::add(errors, unknown(name, source));
    const Result<Value> value = parseOverride(text);
    if (!value) {
        key->isRefused = true;
        return config::add(errors,
                           {ErrorCode::InvalidArgument,
                            name + ": " + value.error().message + "; accepted: " + key->field.accepted, source});
    }
    assign(*key, *value, source, source, errors);
}

void Schema::assign(Key& key, const Value& value, const std::string& source, const std::string& file, Errors& errors) {
    key.source = value.position.line == 0 ? source : at(file, value.position);
    const std::vector<Refusal> refusals = key.field.assign(value);
    key.isRefused = !refusals.empty();
    for (const Refusal& refusal : refusals) {
        const std::string message = key.field.isSecret ? "the value is not accepted" : refusal.message;
        const std::string context = refusal.position.line == 0 ? key.source : at(file, refusal.position);
        config::add(errors,
                    {ErrorCode::InvalidArgument,
                     key.name + refusal.suffix + ": " + message + "; accepted: " + key.field.accepted, context});
    }
}

Error Schema::errorAt(std::string_view key, std::string message) const {
    const Key* found = find(key);
    LIVE_ASSERT(found);
    return {ErrorCode::InvalidArgument, found->name + ": " + message, found->source};
}

bool Schema::isTaken(std::string_view key) const {
    const Key* found = find(key);
    return found && !found->isRefused;
}

bool Schema::isDefault(std::string_view key) const {
    const Key* found = find(key);
    return found && found->source == kDefaultSource;
}

std::vector<std::string> Schema::keys() const {
    std::vector<std::string> names;
    for (const Key& key : m_keys) names.push_back(key.name);
    return names;
}

std::string_view Schema::description(std::string_view key) const {
    const Key* found = find(key);
    return found ? std::string_view(found->description) : std::string_view();
}

std::string Schema::effective() const {
    std::string out;
    std::string_view section;
    for (const Key& key : m_keys) {
        if (sectionOf(key.name) != section) {
            section = sectionOf(key.name);
            out += "\n[" + std::string(section) + "]\n";
        }
        const std::string_view name = std::string_view(key.name).substr(section.empty() ? 0 : section.size() + 1);
        if (key.field.isSecret) {
            out += "# " + std::string(name) + " is not shown  # " + key.source + "\n";
        } else {
            out += std::string(name) + " = " + key.field.toml() + "  # " + key.source + "\n";
        }
    }
    return out;
}

Schema::Key* Schema::find(std::string_view name) {
    const auto found = std::ranges::find(m_keys, name, &Key::name);
    return found == m_keys.end() ? nullptr : &*found;
}

const Schema::Key* Schema::find(std::string_view name) const {
    const auto found = std::ranges::find(m_keys, name, &Key::name);
    return found == m_keys.end() ? nullptr : &*found;
}

// "rtmp_listen" → rtmp.listen
Schema::Key* Schema::keyMeantBy(std::string_view name) {
    if (find(name)) return nullptr;
    const auto found = std::ranges::find_if(m_keys, [name](const Key& key) {
        std::string written = key.name;
        std::ranges::replace(written, '.', '_');
        return written == name;
    });
    return found == m_keys.end() ? nullptr : &*found;
}

bool Schema::isSection(std::string_view name) const {
    return std::ranges::any_of(m_keys, [name](const Key& key) { return sectionOf(key.name) == name; });
}

Error Schema::unknown(const std::string& name, std::string context) {
    const std::vector<std::string> known = keys();
    // Named in full: with the library of GCC 13 a std::string finds std::quoted as well.
    std::string message = config::quoted(name) + " is not a key";
    if (const auto meant = suggestion(name, known)) {
        find(*meant)->isRefused = true;
        message += "; did you mean \"" + *meant + "\"?";
    }
    return {ErrorCode::InvalidArgument, std::move(message), std::move(context)};
}

}  // namespace live::config
