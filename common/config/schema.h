// The keys of a configuration and where their values come from. Later sources win: defaults, file, environment, command
// line. What is not understood is refused, all of it at once, so that one run shows every mistake.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/error.h"
#include "common/config/field.h"
#include "common/config/value.h"

namespace live::config {

// `context` is "file:line:column" or the name of the override; the message is "key: what is wrong; accepted: …".
using Errors = std::vector<Error>;
inline constexpr std::size_t kMaxErrors = 50;

// Not thread safe. Writes to the struct that its fields are bound to; after an error that struct is half filled.
class Schema {
public:
    // `key` is "section.name", or "name" at the top. Keys of a section are added one after another.
    void add(std::string key, Field field, std::string description);

    // Takes the values of a whole file, `text` being its content and `name` what errors call it.
    Errors applyFile(std::string_view text, const std::string& name);
    // Takes the variables LIVESERVER_SECTION__NAME and LIVESERVER_NAME of "NAME=value" texts. One without "__" that is
    // no key is left alone, because container platforms make LIVESERVER_PORT and the like, unless a key was meant:
    // LIVESERVER_SECTION_NAME.
    Errors applyEnvironment(const std::vector<std::string>& variables);
    // Takes one "section.name=value" from the command line.
    Errors applyAssignment(std::string_view assignment);

    // An error of a check that concerns several keys, with the source of `key`.
    Error errorAt(std::string_view key, std::string message) const;

    // False when the value given last was refused, stands in a file that is no TOML, or was given to a key that is
    // none and looks like this one: what is stored is another one.
    bool isTaken(std::string_view key) const;
    bool isDefault(std::string_view key) const;

    std::vector<std::string> keys() const;
    std::string_view description(std::string_view key) const;
    // All values as TOML, each with where it came from: what check-config prints. Reading it back gives the same
    // values.
    std::string effective() const;

private:
    static constexpr const char* kDefaultSource = "default";
    struct Key {
        std::string name;
        Field field;
        std::string description;
        std::string source = kDefaultSource;
        bool isRefused = false;
    };

    Key* find(std::string_view name);
    const Key* find(std::string_view name) const;
    Key* keyMeantBy(std::string_view name);
    bool isSection(std::string_view name) const;
    void applyTable(const Value::Table& table, const std::string& prefix, const std::string& file, Errors& errors);
    void applyOverride(const std::string& name, std::string_view text, const std::string& source, Errors& errors);
    void assign(Key& key, const Value& value, const std::string& source, const std::string& file, Errors& errors);
    Error unknown(const std::string& name, std::string context);

    std::vector<Key> m_keys;
};

}  // namespace live::config
