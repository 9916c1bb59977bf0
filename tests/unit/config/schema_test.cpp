#include "tests/support/test_main.h"

#include <QStringList>

#include "common/base/time.h"
#include "common/config/schema.h"
#include "common/config/suggestion.h"
#include "common/config/toml.h"
#include "common/config/toml_guard.h"

using namespace live;
using namespace live::config;

namespace {
struct Sample {
    std::string name = "default";
    std::uint32_t limit = 10;
    Milliseconds delay{200};
    bool insecure = false;
    std::string password;
};

Field word(std::string& target) {
    return parsed<std::string>(
        target, "a word",
        [](std::string_view text) -> Result<std::string> {
            if (text.find(' ') != std::string_view::npos)
                return fail(ErrorCode::InvalidArgument, "'" + std::string(text) + "' has a space");
            return std::string(text);
        },
        [](const std::string& value) { return value; });
}

Schema schemaOf(Sample& sample) {
    Schema schema;
    schema.add("name", word(sample.name), "A name.");
    schema.add("server.limit", wholeNumber(sample.limit, 1, 100), "A limit.");
    schema.add("server.insecure", boolean(sample.insecure), "A switch.");
    schema.add("input.delay_ms", duration(sample.delay, 0, 2000), "A delay.");
    Field secret = word(sample.password);
    secret.isSecret = true;
    schema.add("input.password", std::move(secret), "A secret.");
    return schema;
}

QStringList described(const Errors& errors) {
    QStringList lines;
    for (const Error& error : errors) lines << QString::fromStdString(error.describe());
    return lines;
}

QStringList fileErrors(std::string_view text) {
    Sample sample;
    return described(schemaOf(sample).applyFile(text, "x.toml"));
}
}  // namespace

class SchemaTest : public QObject {
    Q_OBJECT
private slots:
    void aFileFillsTheBoundMembers() {
        Sample sample;
        Schema schema = schemaOf(sample);
        QCOMPARE(described(schema.applyFile(
                     "name = 'x'\n[server]\nlimit = 0x20\ninsecure = true\n[input]\ndelay_ms = 1_000\n", "x.toml")),
                 QStringList());
        QCOMPARE(sample.name, std::string("x"));
        QCOMPARE(sample.limit, 32u);
        QVERIFY(sample.insecure);
        QVERIFY(sample.delay == Milliseconds(1000));
    }
    void whatAFileDoesNotNameKeepsItsDefault() {
        Sample sample;
        QVERIFY(schemaOf(sample).applyFile("", "x.toml").empty());
        QCOMPARE(sample.limit, 10u);
    }
    void everyErrorNamesItsPlaceAndWhatIsAccepted() {
        QCOMPARE(fileErrors("name = 5\n[server]\nlimit = 101\ninsecure = 'yes'\n\n[input]\n  delay_ms = 1.5\n"),
                 QStringList({"x.toml:1:8: name: is a whole number; accepted: a word",
                              "x.toml:3:9: server.limit: 101 is out of range; accepted: a whole number from 1 to 100",
                              "x.toml:4:12: server.insecure: is a string; accepted: true or false",
                              "x.toml:7:14: input.delay_ms: is a fraction; accepted: a whole number from 0 to 2000"}));
    }
    void wrongTypesOfAllKindsAreNamed() {
        QCOMPARE(
            fileErrors("name = 1979-05-27\n[server]\nlimit = [1]\ninsecure = {a = 1}\n[input]\ndelay_ms = true"),
            QStringList({"x.toml:1:8: name: is a date or time; accepted: a word",
                         "x.toml:3:9: server.limit: is an array; accepted: a whole number from 1 to 100",
                         "x.toml:4:12: server.insecure: is a table; accepted: true or false",
                         "x.toml:6:12: input.delay_ms: is true or false; accepted: a whole number from 0 to 2000"}));
    }
    void anUnknownKeyIsRefusedWithTheOneThatWasMeant() {
        QCOMPARE(fileErrors("[server]\nlimits = 1\n[sevrer]\ninsecure = true\n[other]\ndelay_ms = 1\nxyzzy = 1\n"),
                 QStringList({"x.toml:2:1: \"server.limits\" is not a key; did you mean \"server.limit\"?",
                              "x.toml:4:1: \"sevrer.insecure\" is not a key; did you mean \"server.insecure\"?",
                              "x.toml:6:1: \"other.delay_ms\" is not a key; did you mean \"input.delay_ms\"?",
                              "x.toml:7:1: \"other.xyzzy\" is not a key"}));
    }
    void aSectionThatIsAValueAndAnUnknownEmptySectionAreRefused() {
        QCOMPARE(fileErrors("server = 5\n[nothing]\n"),
                 QStringList({"x.toml:1:1: server: is a whole number; accepted: a section [server]",
                              "x.toml:2:2: \"nothing\" is not a key"}));
        QCOMPARE(fileErrors("[server.limit.deeper]\nx = 1\n").size(), 1);
    }
    void whatIsNotTomlIsRefusedWithItsPlace() {
        const QStringList errors = fileErrors("[server]\nlimit = \n");
        QCOMPARE(errors.size(), 1);
        QVERIFY2(errors[0].startsWith("x.toml:2:"), qPrintable(errors[0]));
        QVERIFY(fileErrors("[server]\nlimit = 1\nlimit = 2\n")[0].startsWith("x.toml:3:"));  // twice
        QVERIFY(!fileErrors("name = \"\xFF\"\n").isEmpty());
        QVERIFY(!fileErrors("name = \"open").isEmpty());
        QVERIFY(fileErrors("[+\"x\"]\n")[0].contains("saw '+'"));
    }
    void filesThatAreNoConfigurationAreRefusedBeforeTheyAreParsed() {
        const std::string deepKey = [] {
            std::string key = "a";
            for (int i = 0; i < 100'000; ++i) key += ".a";
            return key + " = 1\n";
        }();
        QCOMPARE(fileErrors(deepKey), QStringList("x.toml:1:1025: a line of more than 1024 bytes"));
        QCOMPARE(fileErrors(std::string(kMaxFileBytes + 1, '\n')),
                 QStringList("x.toml: more than 256 KiB of configuration"));
        QVERIFY(!fileErrors("name = " + std::string(100, '[')).isEmpty());
    }
    void textThatTheLibraryDoesNotSurviveIsRefusedBeforeItIsParsed() {
        QCOMPARE(fileErrors("# ü is fine here\nname = [ī]"),
                 QStringList("x.toml:2:9: a character that is only allowed in quotes"));
        QCOMPARE(fileErrors("ü = 1"), QStringList("x.toml:1:1: a character that is only allowed in quotes"));
        QCOMPARE(fileErrors("name = 'a'ü"), QStringList("x.toml:1:11: a character that is only allowed in quotes"));
        QCOMPARE(fileErrors("name = \"a\\\\\"ü"),
                 QStringList("x.toml:1:13: a character that is only allowed in quotes"));
        QCOMPARE(fileErrors("name = \"\"\"a\"\"\""),
                 QStringList("x.toml:1:8: a string of several lines, which no key takes"));
        QCOMPARE(fileErrors("name = '''a'''"),
                 QStringList("x.toml:1:8: a string of several lines, which no key takes"));
        QCOMPARE(fileErrors("name = \"\x7f\""), QStringList("x.toml:1:9: a control character"));
        QCOMPARE(fileErrors(std::string_view("\0", 1)), QStringList("x.toml:1:1: a control character"));
    }
    void textOutsideAsciiIsFineInStringsAndComments() {
        for (const char* text :
             {"name = 'ü\"'", "name = \"ü\\\"#ü\"", "name = '' # ü", "\xEF\xBB\xBFname = 'x'\r\n", "name = ''"})
            QCOMPARE(fileErrors(text), QStringList());
    }
    void noMoreThanFiftyErrorsAreKept() {
        std::string text;
        for (int i = 0; i < 200; ++i) text += "unknown-" + std::to_string(i) + " = 1\n";
        QCOMPARE(fileErrors(text).size(), int(kMaxErrors));
    }
    void laterSourcesWin() {
        Sample sample;
        Schema schema = schemaOf(sample);
        QVERIFY(schema.applyFile("name = 'file'\n[server]\nlimit = 1\n[input]\ndelay_ms = 1\n", "x.toml").empty());
        QVERIFY(schema.applyEnvironment({"LIVESERVER_SERVER__LIMIT=2", "LIVESERVER_INPUT__DELAY_MS=2"}).empty());
        QVERIFY(schema.applyAssignment("input.delay_ms=3").empty());
        QCOMPARE(sample.name, std::string("file"));
        QCOMPARE(sample.limit, 2u);
        QVERIFY(sample.delay == Milliseconds(3));
        const std::string effective = schema.effective();
        QVERIFY(effective.find("name = \"file\"  # x.toml:1:8\n") != std::string::npos);
        QVERIFY(effective.find("limit = 2  # environment LIVESERVER_SERVER__LIMIT\n") != std::string::npos);
        QVERIFY(effective.find("delay_ms = 3  # --set\n") != std::string::npos);
        QVERIFY(effective.find("insecure = false  # default\n") != std::string::npos);
    }
    void overridesMayLeaveOutTheQuotes() {
        for (const char* value : {"plain", "\"plain\"", "'plain'"}) {
            Sample sample;
            QVERIFY(schemaOf(sample).applyAssignment("name=" + std::string(value)).empty());
            QCOMPARE(sample.name, std::string("plain"));
        }
        for (const char* value :
             {"1985", "true", "127.0.0.1:0", "[::1]:0", "http://x/#y", "1979-05-27", "a=b", "x#y", "ü", "a\tb", ""}) {
            Sample sample;
            QVERIFY2(schemaOf(sample).applyAssignment("name=" + std::string(value)).empty(), value);
            QCOMPARE(sample.name, std::string(value));
        }
    }
    void overridesAreRefusedWithTheirSource() {
        Sample sample;
        Schema schema = schemaOf(sample);
        QCOMPARE(described(schema.applyAssignment("server.limit=many")),
                 QStringList("--set: server.limit: is a string; accepted: a whole number from 1 to 100"));
        QCOMPARE(described(schema.applyAssignment("server.limit=1\nname='x'")),
                 QStringList("--set: server.limit: is a string; accepted: a whole number from 1 to 100"));
        QCOMPARE(described(schema.applyAssignment("server.limt=1")),
                 QStringList("--set: \"server.limt\" is not a key; did you mean \"server.limit\"?"));
        QCOMPARE(described(schema.applyAssignment("name=\"open")),
                 QStringList("--set: name: is not a complete TOML string; accepted: a word"));
        for (const char* bad : {"", "server.limit", "=5"})
            QCOMPARE(described(schema.applyAssignment(bad)),
                     QStringList("--set: is not of the form section.key=value"));
        QCOMPARE(
            described(schema.applyEnvironment({"LIVESERVER_SERVER__LIMIT=0", "LIVESERVER_SERVER__LIMITT=1"})),
            QStringList({"environment LIVESERVER_SERVER__LIMIT: server.limit: 0 is out of range; accepted: a whole "
                         "number from 1 to 100",
                         "environment LIVESERVER_SERVER__LIMITT: \"server.limitt\" is not a key; did you mean "
                         "\"server.limit\"?"}));
    }
    void variablesOfOthersAreLeftAlone() {
        Sample sample;
        Schema schema = schemaOf(sample);
        QVERIFY(schema
                    .applyEnvironment({"PATH=/bin", "LIVESERVER_PORT=tcp://10.0.0.1:80", "LIVESERVER_SERVICE_HOST=x",
                                       "x", "LIVESERVER_NAME=n"})
                    .empty());
        QCOMPARE(sample.name, std::string("n"));
    }
    void aVariableWithOneUnderscoreTooFewIsRefusedWithItsRightName() {
        Sample sample;
        Schema schema = schemaOf(sample);
        QCOMPARE(described(schema.applyEnvironment({"LIVESERVER_SERVER_LIMIT=2", "LIVESERVER_INPUT_DELAY_MS=3",
                                                    "LIVESERVER_INPUT_PASSWORD=hunter2"})),
                 QStringList({"environment LIVESERVER_SERVER_LIMIT: is not read; the variable for server.limit is "
                              "LIVESERVER_SERVER__LIMIT",
                              "environment LIVESERVER_INPUT_DELAY_MS: is not read; the variable for input.delay_ms is "
                              "LIVESERVER_INPUT__DELAY_MS",
                              "environment LIVESERVER_INPUT_PASSWORD: is not read; the variable for input.password is "
                              "LIVESERVER_INPUT__PASSWORD"}));
    }
    void secretsAreNeverRepeated() {
        Sample sample;
        Schema schema = schemaOf(sample);
        QCOMPARE(described(schema.applyFile("[input]\npassword = 'hunter 2'\n", "x.toml")),
                 QStringList("x.toml:2:12: input.password: the value is not accepted; accepted: a word"));
        QVERIFY(schema.applyAssignment("input.password=hunter2").empty());
        QCOMPARE(sample.password, std::string("hunter2"));
        QVERIFY(schema.effective().find("hunter2") == std::string::npos);
        QVERIFY(described(schema.applyAssignment("input.pasword=hunter2")).join("").indexOf("hunter2") < 0);
        QVERIFY(described(schema.applyAssignment("hunter2")).join("").indexOf("hunter2") < 0);
    }
    void whatIsPrintedAsEffectiveReadsBackTheSame() {
        Sample sample;
        Schema schema = schemaOf(sample);
        QVERIFY(schema.applyAssignment("name=a\"b\\c\x01ü").empty());
        QVERIFY(schema.applyAssignment("server.limit=77").empty());
        Sample again;
        QCOMPARE(described(schemaOf(again).applyFile(schema.effective(), "printed")), QStringList());
        QCOMPARE(again.name, sample.name);
        QCOMPARE(again.limit, 77u);
    }
    void anErrorOfSeveralKeysNamesTheSourceOfOne() {
        Sample sample;
        Schema schema = schemaOf(sample);
        QVERIFY(schema.applyFile("[server]\ninsecure = true\n", "x.toml").empty());
        QCOMPARE(schema.errorAt("server.insecure", "does not go with it").describe(),
                 std::string("x.toml:2:12: server.insecure: does not go with it"));
        QCOMPARE(schema.errorAt("name", "no").describe(), std::string("default: name: no"));
    }
};
LIVE_TEST(SchemaTest)

class SuggestionTest : public QObject {
    Q_OBJECT
private slots:
    void typingErrorsAreCounted() {
        QCOMPARE(editDistance("", "abc"), std::size_t(3));
        QCOMPARE(editDistance("abc", "abc"), std::size_t(0));
        QCOMPARE(editDistance("abc", "acb"), std::size_t(1));  // swapped
        QCOMPARE(editDistance("kitten", "sitting"), std::size_t(3));
    }
    void onlyWhatIsCloseIsSuggested() {
        const std::vector<std::string> known{"rtmp.listen", "http.listen", "http.threads"};
        QCOMPARE(suggestion("htpt.threads", known).value_or(""), std::string("http.threads"));
        QCOMPARE(suggestion("rtmp.lisetn", known).value_or(""), std::string("rtmp.listen"));
        QCOMPARE(suggestion("listen", known).value_or(""), std::string("rtmp.listen"));
        QCOMPARE(suggestion("htp.listen", known).value_or(""), std::string("http.listen"));
        QCOMPARE(suggestion("webhttp.listen", known).value_or(""), std::string("http.listen"));
        QCOMPARE(suggestion("ingest.threads", known).value_or(""), std::string("http.threads"));
        QVERIFY(!suggestion("something.else", known));
        QVERIFY(!suggestion(std::string(10'000, 'a'), known));
        QVERIFY(!suggestion("a", {}));
    }
};
LIVE_TEST(SuggestionTest)

#include "schema_test.moc"
