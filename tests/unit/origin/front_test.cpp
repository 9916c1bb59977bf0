#include "tests/support/test_main.h"

#include "server/origin/front.h"

using namespace live;
using namespace live::origin;

namespace {
PageTable pageTable() {
    const auto page = [](const char* text) {
        const StaticText content({Buffer::copyOf(std::string_view(text)), {}}, "text/html", "no-cache");
        const ResponsePtr response = content.answer(false, {});
        return [response](const PageRequest&) { return response; };
    };
    return {.pages = {{"/watch/", page("watch")},
                      {"/watch/assets/", page("asset")},
                      {"/", nullptr},
                      {"/exact", page("exact")}},
            .notFound = makeError(404, "here is the page")};
}

std::variant<ResponsePtr, MediaRequest> interpreted(const std::string& target, Method method = Method::Get) {
    RequestHead head;
    head.method = method;
    const std::size_t mark = target.find('?');
    static std::string path, query;
    path = target.substr(0, mark);
    query = mark == std::string::npos ? "" : target.substr(mark + 1);
    head.path = path;
    head.query = query;
    head.range = "bytes=0-9";
    head.ifRange = "\"a\"";
    head.ifNoneMatch = "\"b\"";
    head.acceptsGzip = true;
    PageTable table = pageTable();
    table.pages.erase(table.pages.begin() + 2);
    return interpret(head, table);
}

std::string shown(const std::string& target, Method method = Method::Get) {
    const auto result = interpreted(target, method);
    const auto* response = std::get_if<ResponsePtr>(&result);
    if (!response) return "media";
    std::string text = std::to_string((*response)->status);
    for (const Buffer& buffer : (*response)->body) text += ' ' + std::string(asText(buffer.view()));
    return text;
}
}  // namespace

class FrontTest : public QObject {
    Q_OBJECT
private slots:
    void theLongestPrefixServesAPage() {
        QCOMPARE(shown("/watch/demo"), "200 watch");
        QCOMPARE(shown("/watch/assets/player.js"), "200 asset");
        QCOMPARE(shown("/exact"), "200 exact");
        QCOMPARE(shown("/exact/more"), "404");
        QCOMPARE(shown("/watch"), "404");
    }
    void whatNobodyHonestSendsIsRefusedBeforeAnythingIsSearched() {
        for (const char* path : {"/watch/../x", "/watch/%2e%2e/x", "/live//x", "/live/demo/%6daster.m3u8"})
            QVERIFY2(shown(path) == "400", path);
        QCOMPARE(shown("/live/nothing"), "404");
        QCOMPARE(shown("/live/demo/00000000000000000000000001/v720/index.m3u8?_HLS_part=1"), "400");
    }
    void preflightIsAnsweredForEveryPath() {
        const auto result = interpreted("/live/demo/master.m3u8", Method::Options);
        const Response& response = *std::get<ResponsePtr>(result);
        QCOMPARE(response.status, 204);
        const std::string_view head = asText(response.head.view());
        QVERIFY(head.contains("Access-Control-Max-Age: 86400\r\n") &&
                head.contains("Access-Control-Allow-Origin: *\r\n"));
        QVERIFY(
            head.contains("Access-Control-Allow-Headers: CMCD-Request, CMCD-Object, CMCD-Status, CMCD-Session, Range, "
                          "Authorization, Content-Type\r\n"));
        QCOMPARE(shown("*", Method::Options), "204");
    }
    void onlyWhatCountsForAKindIsKept() {
        const auto playlist = std::get<MediaRequest>(
            interpreted("/t/x/live/demo/00000000000000000000000001/v720/index.m3u8?CMCD=1&_HLS_part=1&_HLS_msn=5"));
        QVERIFY((playlist.query == HlsQuery{5, 1, false}));
        QVERIFY(!playlist.range && playlist.ifNoneMatch.empty() && playlist.acceptsGzip);
        const auto part =
            std::get<MediaRequest>(interpreted("/live/demo/00000000000000000000000001/v720/1.0.m4s?_HLS_part=x"));
        QVERIFY(part.query == HlsQuery() && part.range && part.ifRange == "\"a\"" && !part.acceptsGzip);
        const auto head =
            std::get<MediaRequest>(interpreted("/live/demo/00000000000000000000000001/v720/1.0.m4s", Method::Head));
        QVERIFY(!head.range && head.ifRange.empty());
    }
};
LIVE_TEST(FrontTest)

#include "front_test.moc"
