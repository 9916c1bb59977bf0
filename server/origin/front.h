// The way from a request head to an answer or a media request: pages, preflight, paths, directives. Pure.
#pragma once

#include <functional>
#include <string>
#include <variant>
#include <vector>

#include "server/origin/decide.h"
#include "server/origin/http_request.h"

namespace live::origin {

// Views are valid during the call only.
struct PageRequest {
    std::string_view path;   // plain (isPlainPath), starts with the page's prefix
    std::string_view query;  // not decoded
    bool acceptsGzip = false;
    std::string_view ifNoneMatch;
};

// What is served beside media: the player and its files. A prefix that ends in '/' takes everything below it, any other
// only itself; the longest one wins. Handlers run on viewer threads, several at once: they must not block, change
// anything or throw, and answer with a response that was made before, or cheaply. A null answer means not found.
struct Page {
    std::string prefix;
    std::function<ResponsePtr(const PageRequest&)> handler;
};

struct PageTable {
    std::vector<Page> pages;
    ResponsePtr notFound;  // for paths that are neither a page nor below /live/; null: an empty 404
};

// The directives of a playlist request that are malformed, and paths that nobody honest sends, are answered 400.
std::variant<ResponsePtr, MediaRequest> interpret(const RequestHead& head, const PageTable& pages);

}  // namespace live::origin
