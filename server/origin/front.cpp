#include "server/origin/front.h"

namespace live::origin {

namespace {
bool matches(const Page& page, std::string_view path) {
    return page.prefix.ends_with('/') ? path.starts_with(page.prefix) : path == page.prefix;
}

ResponsePtr answerPage(const RequestHead& head, const PageTable& table) {
    const Page* best = nullptr;
    for (const Page& page : table.pages)
        if (matches(page, head.path) && (!best || page.prefix.size() > best->prefix.size())) best = &page;
    ResponsePtr response;
    if (best)
        response = best->handler(
            {.path = head.path, .query = head.query, .acceptsGzip = head.acceptsGzip, .ifNoneMatch = head.ifNoneMatch});
    if (!response) response = table.notFound;
    return response ? response : makeError(404, "no such page");
}
}  // namespace

std::variant<ResponsePtr, MediaRequest> interpret(const RequestHead& head, const PageTable& pages) {
    if (head.method == Method::Options) return makePreflight();
    if (!isPlainPath(head.path)) return makeError(400, "malformed path");
    auto path = MediaPath::parse(head.path);
    if (!path) {
        if (head.path.starts_with("/live/") || head.path.starts_with("/t/")) return makeError(404, "unknown name");
        return answerPage(head, pages);
    }
    MediaRequest request;
    request.path = *std::move(path);
    switch (request.path.kind) {
        case MediaPath::Kind::Playlist: {
            auto query = HlsQuery::parse(head.query);
            if (!query) return makeError(400, query.error().message);
            request.query = *query;
            request.acceptsGzip = head.acceptsGzip;
            break;
        }
        case MediaPath::Kind::Multivariant: request.acceptsGzip = head.acceptsGzip; break;
        case MediaPath::Kind::Init:
        case MediaPath::Kind::Segment:
        case MediaPath::Kind::Part:
            request.range = head.method == Method::Get ? ByteRange::parse(head.range) : std::nullopt;
            if (request.range) request.ifRange = head.ifRange;
            request.ifNoneMatch = head.ifNoneMatch;
            break;
    }
    return request;
}

}  // namespace live::origin
