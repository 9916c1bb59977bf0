#include "tests/support/test_main.h"

#include "server/control/front/target.h"

using namespace live;
using live::control::front::parseTarget;

class TargetTest : public QObject {
    Q_OBJECT
private slots:
    void aTargetIsTakenApartAndDecoded() {
        const auto target = parseTarget("/api/v1/a%20b?q=x%26y+z&limit=2&&flag");
        QVERIFY(target);
        QCOMPARE(target->path, (std::vector<std::string>{"api", "v1", "a b"}));
        using Query = std::vector<std::pair<std::string, std::string>>;
        QCOMPARE(target->query, (Query{{"q", "x&y z"}, {"limit", "2"}, {"flag", ""}}));
    }
    void theAbsoluteFormNamesTheSamePath() {
        QCOMPARE(parseTarget("http://host:1/a/b?c=d")->path, (std::vector<std::string>{"a", "b"}));
        QVERIFY(parseTarget("http://host")->path.empty());
        QVERIFY(parseTarget("/")->path.empty());
    }
    void whatCouldBeReadInTwoWaysIsRefused() {
        for (std::string_view text : {"", "*", "a", "host:443", "/a/../b", "/.", "/%2e%2e/x", "/a%2fb", "/a%00", "/%",
                                      "/%4", "/%zz", "/%-1", "/a#b", "/?a=%g0", "/?%=1", "/a%0d%0ab"})
            QVERIFY2(!parseTarget(text), text.data());
    }
    void emptySegmentsAreKept() {
        QCOMPARE(parseTarget("/a/")->path, (std::vector<std::string>{"a", ""}));
        QCOMPARE(parseTarget("/a//b")->path, (std::vector<std::string>{"a", "", "b"}));
    }
    void aQueryHasAtMost32Parameters() {
        std::string text = "/?";
        for (int i = 0; i < 32; ++i) text += "a=1&";
        QVERIFY(parseTarget(text));
        QVERIFY(!parseTarget(text + "a=1"));
    }
};
LIVE_TEST(TargetTest)

#include "target_test.moc"
