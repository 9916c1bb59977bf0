// Strict reading of JSON bodies: every wrong value is reported with a pointer, unknown fields included.
#pragma once

#include <QJsonArray>
#include <QJsonObject>
#include <QString>
#include <QStringList>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/api/problem.h"

namespace live::api {

inline QString toText(std::string_view text) {
    return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}

// A JSON object (RFC 8259), or 400 with the byte offset of the first error. Of fields with the same name the last one
// counts. At most 1024 levels deep.
Outcome<QJsonObject> parseObject(std::string_view body);

// Compact UTF-8.
std::string toBytes(const QJsonObject& object);

// RFC 7396: fields of `patch` replace those of `target`, null removes.
QJsonObject mergePatch(QJsonObject target, const QJsonObject& patch);

// Reads one object. Each call names a field that is accepted; it gives nothing if the field is absent or wrong, and in
// the second case adds to `errors`, which must outlive the reader.
class ObjectReader {
public:
    ObjectReader(QJsonObject object, std::string pointer, std::vector<FieldError>& errors)
        : m_object(std::move(object)), m_pointer(std::move(pointer)), m_errors(errors) {}

    std::optional<std::string> text(const char* field);
    std::optional<bool> boolean(const char* field);
    std::optional<std::int64_t> integer(const char* field, std::int64_t minimum, std::int64_t maximum);
    std::optional<QJsonArray> array(const char* field);
    // A word that `parse` (std::string_view → Result<T>) accepts.
    template <class Parse>
    auto word(const char* field, Parse parse)
        -> std::optional<typename decltype(parse(std::string_view()))::value_type> {
        const std::optional<std::string> value = text(field);
        if (!value) return std::nullopt;
        auto parsed = parse(*value);
        if (parsed) return *std::move(parsed);
        refuse(field, parsed.error().message);
        return std::nullopt;
    }

    bool has(const char* field);
    void refuse(const char* field, std::string detail);
    // Adds an error for every field that no call above has named.
    void refuseUnknownFields();

private:
    QJsonValue value(const char* field);

    QJsonObject m_object;
    std::string m_pointer;
    std::vector<FieldError>& m_errors;
    QStringList m_accepted;
};

}  // namespace live::api
