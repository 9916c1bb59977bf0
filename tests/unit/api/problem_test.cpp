#include "tests/support/test_main.h"

#include <QJsonArray>

#include "common/api/problem.h"

using namespace live;
using namespace live::api;

class ProblemTest : public QObject {
    Q_OBJECT
private slots:
    void aDocumentHasTheMembersOfTheRfcAndACode() {
        const QJsonObject json = toJson(Problem{404, "not_found", "There is no stream 'x'"});
        QCOMPARE(json, (QJsonObject{{"type", "about:blank"},
                                    {"title", "Not Found"},
                                    {"status", 404},
                                    {"code", "not_found"},
                                    {"detail", "There is no stream 'x'"}}));
    }
    void everyWrongValueIsListed() {
        const QJsonArray errors = toJson(invalid({{"/name", "a"}, {"?limit", "b"}}))["errors"].toArray();
        QCOMPARE(errors, (QJsonArray{QJsonObject{{"pointer", "/name"}, {"detail", "a"}},
                                     QJsonObject{{"parameter", "limit"}, {"detail", "b"}}}));
    }
    void theSentenceNamesAllThatIsWrongUpToFive() {
        QCOMPARE(invalid({{"/name", "a"}}).detail, std::string("One value is not accepted: a"));
        QCOMPARE(invalid({{"/name", "a"}, {"/id", "b"}}).detail, std::string("Some values are not accepted: a; b"));
        QCOMPARE(invalid(std::vector<FieldError>(32, {"/x", "a"})).detail,
                 std::string("Some values are not accepted: a; a; a; a; a; and 27 more"));
    }
    void everyErrorInsideHasOneStatusOutside() {
        const std::vector<std::pair<ErrorCode, int>> expected{
            {ErrorCode::NotFound, 404},   {ErrorCode::Conflict, 409},    {ErrorCode::TooLarge, 413},
            {ErrorCode::Overloaded, 503}, {ErrorCode::Unavailable, 503}, {ErrorCode::InvalidArgument, 422},
            {ErrorCode::Timeout, 503},    {ErrorCode::Io, 503},          {ErrorCode::Cancelled, 503},
            {ErrorCode::Internal, 500},   {ErrorCode::Protocol, 500}};
        for (const auto& [code, status] : expected) QCOMPARE(problemFor(Error{code, "x"}).status, status);
    }
    void aFailureThatMayLastIsNotCalledTemporary() {
        const Problem problem = problemFor(Error{ErrorCode::Io, "the catalog is not writable"});
        QCOMPARE(problem.code, std::string("storage_failed"));
        QVERIFY(!problem.detail.contains("try again"));
    }
    void whatFailedInsideIsNotToldOutside() {
        for (ErrorCode code : {ErrorCode::Internal, ErrorCode::Io, ErrorCode::Unavailable})
            QVERIFY(!problemFor(Error{code, "/var/lib/secret: disk I/O error"}).detail.contains("secret"));
    }
};
LIVE_TEST(ProblemTest)

#include "problem_test.moc"
