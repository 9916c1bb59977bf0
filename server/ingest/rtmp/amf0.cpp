#include "server/ingest/rtmp/amf0.h"

#include <bit>

#include "server/ingest/rtmp/limits.h"

namespace live::ingest::rtmp::amf0 {

namespace {

enum class Marker : std::uint8_t {
    Number = 0x00,
    Boolean = 0x01,
    String = 0x02,
    Object = 0x03,
    Null = 0x05,
    Undefined = 0x06,
    Reference = 0x07,
    EcmaArray = 0x08,
    ObjectEnd = 0x09,
    StrictArray = 0x0A,
    Date = 0x0B,
    LongString = 0x0C,
    Unsupported = 0x0D,
    XmlDocument = 0x0F,
    TypedObject = 0x10,
    Amf3 = 0x11,
};

class Decoder {
public:
    explicit Decoder(ByteView bytes) : m_reader(bytes) {}

    bool isAtEnd() const { return m_reader.remaining() == 0; }

    Result<Value> value(int depth) {
        if (depth > kMaxAmfDepth) return fail(ErrorCode::Protocol, "AMF0 values are nested deeper than 16");
        if (++m_values > kMaxAmfValues) return fail(ErrorCode::Protocol, "a message has more than 4096 AMF0 values");
        const Marker marker = static_cast<Marker>(m_reader.u8());
        if (m_reader.failed()) return cutShort();
        Value value = LIVE_TRY(body(marker, depth));
        if (m_reader.failed()) return cutShort();
        return value;
    }

private:
    static std::unexpected<Error> cutShort() { return fail(ErrorCode::Protocol, "an AMF0 value is cut short"); }

    Result<Value> body(Marker marker, int depth) {
        switch (marker) {
            case Marker::Number: return Value{std::bit_cast<double>(m_reader.u64())};
            case Marker::Boolean: return Value{m_reader.u8() != 0};
            case Marker::String: return Value{std::string(m_reader.text(m_reader.u16()))};
            case Marker::LongString:
            case Marker::XmlDocument: return Value{std::string(m_reader.text(m_reader.u32()))};
            case Marker::Null: return Value{Null{}};
            case Marker::Undefined:
            case Marker::Unsupported: return Value{Undefined{}};
            case Marker::Reference: m_reader.skip(2); return Value{Undefined{}};
            case Marker::Date: return date();
            case Marker::TypedObject: m_reader.skip(m_reader.u16()); return object(depth);
            case Marker::Object: return object(depth);
            case Marker::EcmaArray: return ecmaArray(depth);
            case Marker::StrictArray: return strictArray(depth);
            case Marker::ObjectEnd:
            case Marker::Amf3: break;
        }
        return fail(ErrorCode::Protocol,
                    "the AMF0 marker " + std::to_string(static_cast<int>(marker)) + " is not understood");
    }

    Value date() {
        const double milliseconds = std::bit_cast<double>(m_reader.u64());
        m_reader.skip(2);  // time zone, reserved
        return Value{milliseconds};
    }

    Result<Value> object(int depth) {
        Object object;
        for (;;) {
            const std::string_view name = m_reader.text(m_reader.u16());
            if (m_reader.failed()) return cutShort();
            // The end is an empty name and the end marker; an empty name alone is a property that some encoders send.
            if (name.empty() && isNext(Marker::ObjectEnd)) {
                m_reader.skip(1);
                return Value{std::move(object)};
            }
            Value value = LIVE_TRY(this->value(depth + 1));
            object.properties.push_back({std::string(name), std::move(value)});
        }
    }

    // The count is a hint that encoders get wrong; the end marker decides.
    Result<Value> ecmaArray(int depth) {
        m_reader.skip(4);
        Value array = LIVE_TRY(object(depth));
        std::get<Object>(array.data).isEcmaArray = true;
        return array;
    }

    Result<Value> strictArray(int depth) {
        const std::uint32_t count = m_reader.u32();
        Value::Array values;
        for (std::uint32_t i = 0; i < count; ++i) {
            Value value = LIVE_TRY(this->value(depth + 1));
            values.push_back(std::move(value));
        }
        return Value{std::move(values)};
    }

    bool isNext(Marker marker) const {
        ByteReader ahead = m_reader;
        return ahead.u8() == static_cast<std::uint8_t>(marker) && !ahead.failed();
    }

    ByteReader m_reader;
    std::size_t m_values = 0;
};

void encodeProperties(const Object& object, ByteWriter& output) {
    for (const Property& property : object.properties) {
        output.u16(property.name.size()).text(property.name);
        encode(property.value, output);
    }
    output.u16(0).u8(static_cast<std::uint8_t>(Marker::ObjectEnd));
}

struct Encoder {
    ByteWriter& output;

    ByteWriter& mark(Marker marker) const { return output.u8(static_cast<std::uint8_t>(marker)); }

    void operator()(Undefined) const { mark(Marker::Undefined); }
    void operator()(Null) const { mark(Marker::Null); }
    void operator()(bool value) const { mark(Marker::Boolean).u8(value); }
    void operator()(double value) const { mark(Marker::Number).u64(std::bit_cast<std::uint64_t>(value)); }
    void operator()(const std::string& text) const {
        if (text.size() <= 0xFFFF) {
            mark(Marker::String).u16(text.size()).text(text);
        } else {
            mark(Marker::LongString).u32(text.size()).text(text);
        }
    }
    void operator()(const Object& object) const {
        if (object.isEcmaArray) {
            mark(Marker::EcmaArray).u32(object.properties.size());
        } else {
            mark(Marker::Object);
        }
        encodeProperties(object, output);
    }
    void operator()(const Value::Array& array) const {
        mark(Marker::StrictArray).u32(array.size());
        for (const Value& value : array) encode(value, output);
    }
};

}  // namespace

const Value* Object::find(std::string_view name) const {
    for (const Property& property : properties) {
        if (property.name == name) return &property.value;
    }
    return nullptr;
}

// Written out: clang 19 dies of defaulted comparisons of types that hold each other.
bool operator==(const Property& a, const Property& b) { return a.name == b.name && a.value == b.value; }
bool operator==(const Object& a, const Object& b) {
    return a.isEcmaArray == b.isEcmaArray && a.properties == b.properties;
}
bool operator==(const Value& a, const Value& b) { return a.data == b.data; }

Result<std::vector<Value>> decode(ByteView bytes) {
    Decoder decoder(bytes);
    std::vector<Value> values;
    while (!decoder.isAtEnd()) {
        Value value = LIVE_TRY(decoder.value(1));
        values.push_back(std::move(value));
    }
    return values;
}

void encode(const Value& value, ByteWriter& output) { std::visit(Encoder{output}, value.data); }

}  // namespace live::ingest::rtmp::amf0
