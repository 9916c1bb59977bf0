#include "tests/support/test_main.h"

#include "common/api/json.h"

using namespace live;
using namespace live::api;

namespace {
QJsonObject object(const char* text) { return parseObject(text).value(); }
}  // namespace

class JsonTest : public QObject {
    Q_OBJECT
private slots:
    void brokenJsonIsRefusedWithTheByteWhereItBreaks() {
        const auto parsed = parseObject(R"({"name": tru})");
        QVERIFY(!parsed);
        QCOMPARE(parsed.error().status, 400);
        QCOMPARE(parsed.error().code, std::string("invalid_json"));
        QVERIFY(parsed.error().detail.contains("at byte 1"));
    }
    void whatIsNotOneObjectIsRefused() {
        for (std::string_view text : {"", "[]", "1", "null", "{} {}", "{", "\xff\xfe", "{\"a\":\"\xc3\"}"})
            QVERIFY2(!parseObject(text), text.data());
    }
    void ofTwoFieldsWithOneNameTheLastCounts() { QCOMPARE(object(R"({"a":1,"a":2})")["a"].toInt(), 2); }
    void deepNestingEndsInARefusal() {
        const std::string deep = "{\"a\":" + std::string(100'000, '[');
        QCOMPARE(parseObject(deep).error().status, 400);
    }
    void mergingFollowsTheExamplesOfTheRfc() {  // RFC 7396 appendix A
        const std::array<std::array<const char*, 3>, 8> cases{
            {{R"({"a":"b"})", R"({"a":"c"})", R"({"a":"c"})"},
             {R"({"a":"b"})", R"({"b":"c"})", R"({"a":"b","b":"c"})"},
             {R"({"a":"b"})", R"({"a":null})", "{}"},
             {R"({"a":["b"]})", R"({"a":"c"})", R"({"a":"c"})"},
             {R"({"a":"c"})", R"({"a":["b"]})", R"({"a":["b"]})"},
             {R"({"a":{"b":"c"}})", R"({"a":{"b":"d","c":null}})", R"({"a":{"b":"d"}})"},
             {R"({"e":null})", R"({"a":1})", R"({"e":null,"a":1})"},
             {"{}", R"({"a":{"bb":{"ccc":null}}})", R"({"a":{"bb":{}}})"}}};
        for (const auto& [target, patch, result] : cases)
            QCOMPARE(mergePatch(object(target), object(patch)), object(result));
    }
    void wrongTypesAreNamedWithTheirPointer() {
        std::vector<FieldError> errors;
        ObjectReader reader(object(R"({"t":1,"b":"true","i":1.5,"l":{}})"), "/x", errors);
        QVERIFY(!reader.text("t"));
        QVERIFY(!reader.boolean("b"));
        QVERIFY(!reader.integer("i", 0, 10));
        QVERIFY(!reader.array("l"));
        const std::vector<FieldError> expected{{"/x/t", "t is not a string"},
                                               {"/x/b", "b is not true or false"},
                                               {"/x/i", "i is not a whole number from 0 to 10"},
                                               {"/x/l", "l is not an array"}};
        QCOMPARE(errors, expected);
    }
    void numbersOutsideTheBoundsAreRefusedHoweverLarge() {
        for (const char* text :
             {R"({"i":11})", R"({"i":-1})", R"({"i":1e300})", R"({"i":-1e300})", R"({"i":true})", R"({"i":null})"}) {
            std::vector<FieldError> errors;
            QVERIFY(!ObjectReader(object(text), "", errors).integer("i", 0, 10));
            QCOMPARE(errors.size(), std::size_t(1));
        }
        std::vector<FieldError> errors;
        QCOMPARE(ObjectReader(object(R"({"i":2.0})"), "", errors).integer("i", 0, 10), std::optional<std::int64_t>(2));
    }
    void anUnknownFieldIsNamedWithWhatIsAccepted() {
        std::vector<FieldError> errors;
        ObjectReader reader(object(R"({"a":"x","o/d~d":1})"), "", errors);
        reader.text("a");
        reader.text("b");
        reader.refuseUnknownFields();
        QCOMPARE(errors.size(), std::size_t(1));
        QCOMPARE(errors[0].pointer, std::string("/o~1d~0d"));
        QCOMPARE(errors[0].detail, std::string("'o/d~d' is not a field here; accepted are a, b"));
    }
    void aBodyFullOfUnknownFieldsMakesAShortAnswer() {
        QJsonObject many;
        for (int i = 0; i < 5000; ++i) many.insert(QString::number(i) + QString(200, 'x'), 1);
        std::vector<FieldError> errors;
        ObjectReader(many, "", errors).refuseUnknownFields();
        QCOMPARE(errors.size(), std::size_t(32));
        QVERIFY(toBytes(toJson(invalid(errors))).size() < 20'000);
    }
};
LIVE_TEST(JsonTest)

#include "json_test.moc"
