#include "tests/support/test_main.h"

#include <QTemporaryDir>
#include <QTemporaryFile>
#include <initializer_list>

#include "server/daemon/options.h"

using namespace live;
using namespace live::daemon;

namespace {
Result<Options> parse(std::initializer_list<std::string_view> arguments) {
    return parseOptions(std::span(arguments.begin(), arguments.size()));
}

std::string refusal(std::initializer_list<std::string_view> arguments) {
    const auto options = parse(arguments);
    return options ? "accepted" : options.error().message;
}
}  // namespace

class OptionsTest : public QObject {
    Q_OBJECT
private slots:
    void withoutACommandItServes() {
        QVERIFY(parse({})->command == Command::Serve);
        const auto options = parse({"--config", "a.toml", "--set", "rtmp.listen=127.0.0.1:0", "--set=http.threads=2"});
        QVERIFY(options);
        QVERIFY(options->command == Command::Serve);
        QCOMPARE(options->configFile, std::string("a.toml"));
        QCOMPARE(options->assignments, std::vector<std::string>({"rtmp.listen=127.0.0.1:0", "http.threads=2"}));
    }
    void everyCommandIsKnownByItsName() {
        QVERIFY(parse({"serve"})->command == Command::Serve);
        QVERIFY(parse({"check-config", "--config=x"})->command == Command::CheckConfig);
        QVERIFY(parse({"version"})->command == Command::Version);
        QVERIFY(parse({"--version"})->command == Command::Version);
        QVERIFY(parse({"help"})->command == Command::Help);
        QVERIFY(parse({"serve", "-h"})->command == Command::Help);
    }
    void aWorkerGetsItsArgumentsUnread() {
        const auto options = parse({"worker", "--link", "3", "x"});
        QVERIFY(options->command == Command::Worker);
        QCOMPARE(options->worker, std::vector<std::string>({"--link", "3", "x"}));
    }
    void whatIsNotUnderstoodIsRefusedByName() {
        const std::string tail = " 'liveserverd help' lists what there is";
        QCOMPARE(refusal({"sevre"}), "'sevre' is not a command; did you mean 'serve'?" + tail);
        QCOMPARE(refusal({"--confg", "x"}), "'--confg' is not an option; did you mean '--config'?" + tail);
        QCOMPARE(refusal({"--setx=secret"}), "'--setx' is not an option; did you mean '--set'?" + tail);
        QCOMPARE(refusal({"serve", "now"}), "'now' is one word too many;" + tail);
        QCOMPARE(refusal({"check-config", "a.toml"}),
                 "'a.toml' is one word too many; did you mean '--config a.toml'?" + tail);
        QCOMPARE(refusal({"serve", "x.y=secret"}), "'x.y' is one word too many; did you mean '--set x.y=…'?" + tail);
        QCOMPARE(refusal({"--config"}), "--config needs a value;" + tail);
        QCOMPARE(refusal({"--config="}), "--config needs a file name;" + tail);
        QCOMPARE(refusal({"--config", "a", "--config", "b"}), "--config is given twice;" + tail);
        QCOMPARE(refusal({"--state-dir", ""}), "--state-dir needs a directory name;" + tail);
        QCOMPARE(refusal({"--set", "secret"}), "--set needs section.key=value;" + tail);
        QCOMPARE(refusal({"-x"}), "'-x' is not an option;" + tail);
        QCOMPARE(refusal({""}), "'' is not a command;" + tail);
    }
    void theStateDirectoryMayHaveAnyName() {
        for (std::string_view name : {"/tmp/a b", "/tmp/true", "5", "/tmp/\"q\"", "'"}) {
            const auto options = parse({"--state-dir", name});
            QVERIFY(options);
            const auto loaded = loadConfig(sourcesOf(*options, {}));
            QVERIFY(loaded);
            QCOMPARE(loaded->config.stateDir, std::filesystem::absolute(name));
        }
    }
    void theHelpNamesEveryOption() {
        for (const char* word :
             {"serve", "check-config", "version", "help", "--config", "--state-dir", "--set", "admin.token"})
            QVERIFY2(usage().find(word) != std::string_view::npos, word);
    }
};
LIVE_TEST(OptionsTest)

class CheckConfigTest : public QObject {
    Q_OBJECT
private slots:
    void aGoodConfigurationIsShown() {
        const auto checked = checkConfig({"", {"HOME=/home/x"}, {"http.threads=3"}});
        QCOMPARE(checked.exitCode, 0);
        QVERIFY(checked.output.starts_with("# OK\n"));
        QVERIFY(checked.output.find("threads = 3  # --set\n") != std::string::npos);
        QVERIFY(checked.errors.empty());
    }
    void whatIsShownIsAConfigurationAgain() {
        QTemporaryFile file;
        QVERIFY(file.open());
        const auto checked = checkConfig({"", {"HOME=/home/x"}, {"http.threads=3", "ladder=[{height=480}]"}});
        file.write(QByteArray::fromStdString(checked.output));
        QVERIFY(file.flush());
        const auto again = checkConfig({file.fileName().toStdString(), {}, {}});
        QCOMPARE(again.errors, std::string());
        QVERIFY(again.output.contains("threads = 3  # " + file.fileName().toStdString()));
    }
    void everyMistakeIsShownALine() {
        const auto checked =
            checkConfig({"", {"HOME=/home/x", "LIVESERVER_HTTP__THREADS=x"}, {"a.b=1", "log.level=loud"}});
        QCOMPARE(checked.exitCode, kExitFailed);
        QVERIFY(checked.output.empty());
        QCOMPARE(std::count(checked.errors.begin(), checked.errors.end(), '\n'), std::ptrdiff_t(3));
    }
};
LIVE_TEST(CheckConfigTest)

#include "options_test.moc"
