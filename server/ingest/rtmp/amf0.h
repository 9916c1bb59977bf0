// AMF0 (Adobe Action Message Format, AMF 0, 2007). Values; any thread.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "common/base/bytes.h"
#include "common/base/error.h"

namespace live::ingest::rtmp::amf0 {

struct Property;

struct Undefined {
    friend bool operator==(const Undefined&, const Undefined&) = default;
};
struct Null {
    friend bool operator==(const Null&, const Null&) = default;
};

// Objects, typed objects and ECMA arrays are all lists of properties, in the order in which they came.
struct Object {
    std::vector<Property> properties;
    // Written as an ECMA array (marker 8) when set; reading remembers which it was.
    bool isEcmaArray = false;

    // The first property of that name, or null.
    const struct Value* find(std::string_view name) const;
    friend bool operator==(const Object&, const Object&);
};

struct Value {
    using Array = std::vector<Value>;

    std::variant<Undefined, Null, bool, double, std::string, Object, Array> data;

    const double* number() const { return std::get_if<double>(&data); }
    const bool* boolean() const { return std::get_if<bool>(&data); }
    const std::string* text() const { return std::get_if<std::string>(&data); }
    const Object* object() const { return std::get_if<Object>(&data); }
    friend bool operator==(const Value&, const Value&);
};

struct Property {
    std::string name;
    Value value;
    friend bool operator==(const Property&, const Property&);
};

// All values of a message. Dates come as numbers (milliseconds), XML documents as text. Protocol for anything
// malformed, nested deeper than 16, of more than 4096 values, or in AMF3.
Result<std::vector<Value>> decode(ByteView bytes);

void encode(const Value& value, ByteWriter& output);

}  // namespace live::ingest::rtmp::amf0
