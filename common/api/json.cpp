#include "common/api/json.h"

#include <QJsonDocument>
#include <cmath>

namespace live::api {

namespace {

std::string escaped(const QString& token) {  // RFC 6901 §3
    QString text = token;
    text.replace('~', QStringLiteral("~0")).replace('/', QStringLiteral("~1"));
    return text.toStdString();
}

}  // namespace

Outcome<QJsonObject> parseObject(std::string_view body) {
    QJsonParseError error{};
    const QJsonDocument document =
        QJsonDocument::fromJson(QByteArray::fromRawData(body.data(), static_cast<qsizetype>(body.size())), &error);
    if (error.error != QJsonParseError::NoError)
        return std::unexpected(Problem{
            400, "invalid_json",
            "The body is not JSON: " + error.errorString().toStdString() + " at byte " + std::to_string(error.offset)});
    if (!document.isObject()) return std::unexpected(Problem{400, "invalid_json", "The body is not a JSON object"});
    return document.object();
}

std::string toBytes(const QJsonObject& object) {
    return QJsonDocument(object).toJson(QJsonDocument::Compact).toStdString();
}

QJsonObject mergePatch(QJsonObject target, const QJsonObject& patch) {
    for (auto field = patch.begin(); field != patch.end(); ++field) {
        if (field->isNull())
            target.remove(field.key());
        else if (field->isObject())
            target.insert(field.key(), mergePatch(target.value(field.key()).toObject(), field->toObject()));
        else
            target.insert(field.key(), *field);
    }
    return target;
}

QJsonValue ObjectReader::value(const char* field) {
    m_accepted.append(QString::fromLatin1(field));
    return m_object.value(QLatin1String(field));
}

bool ObjectReader::has(const char* field) { return m_object.contains(QLatin1String(field)); }

void ObjectReader::refuse(const char* field, std::string detail) {
    m_errors.push_back({m_pointer + "/" + field, std::move(detail)});
}

std::optional<std::string> ObjectReader::text(const char* field) {
    const QJsonValue found = value(field);
    if (found.isString()) return found.toString().toStdString();
    if (!found.isUndefined()) refuse(field, std::string(field) + " is not a string");
    return std::nullopt;
}

std::optional<bool> ObjectReader::boolean(const char* field) {
    const QJsonValue found = value(field);
    if (found.isBool()) return found.toBool();
    if (!found.isUndefined()) refuse(field, std::string(field) + " is not true or false");
    return std::nullopt;
}

std::optional<std::int64_t> ObjectReader::integer(const char* field, std::int64_t minimum, std::int64_t maximum) {
    const QJsonValue found = value(field);
    if (found.isUndefined()) return std::nullopt;
    // Bounds first, in floating point: the conversion is defined only inside them.
    const double number = found.toDouble(std::nan(""));
    if (number >= static_cast<double>(minimum) && number <= static_cast<double>(maximum) &&
        std::floor(number) == number)
        return static_cast<std::int64_t>(number);
    refuse(field, std::string(field) + " is not a whole number from " + std::to_string(minimum) + " to " +
                      std::to_string(maximum));
    return std::nullopt;
}

std::optional<QJsonArray> ObjectReader::array(const char* field) {
    const QJsonValue found = value(field);
    if (found.isArray()) return found.toArray();
    if (!found.isUndefined()) refuse(field, std::string(field) + " is not an array");
    return std::nullopt;
}

void ObjectReader::refuseUnknownFields() {
    for (const QString& field : m_object.keys()) {
        if (m_accepted.contains(field)) continue;
        m_errors.push_back({m_pointer + "/" + escaped(field), "'" + field.left(64).toStdString() +
                                                                  "' is not a field here; accepted are " +
                                                                  m_accepted.join(QStringLiteral(", ")).toStdString()});
        if (m_errors.size() >= 32) return;  // enough to act on, and a body of a megabyte can hold many
    }
}

}  // namespace live::api
