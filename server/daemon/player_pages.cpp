#include "server/daemon/player_pages.h"

#include <zlib.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>

#include "common/base/ids.h"

namespace live::daemon {

namespace {

// The page is looked at anew each time and names the version of its files, so that they are always of one kind and
// never fetched twice.
constexpr std::string_view kPageCacheControl = "no-cache";
constexpr std::string_view kAssetCacheControl = "public, max-age=31536000, immutable";
// A page that another version has given out, before an upgrade or on another node, gets ours rather than nothing.
constexpr std::string_view kOtherVersionCacheControl = "no-cache";

constexpr std::string_view kPage = "watch.html";
constexpr std::string_view kWatchPath = "/watch/";
constexpr std::string_view kAssetFolder = "assets/";  // as the page writes it, relative to /watch/

using Files = std::map<std::string, std::string, std::less<>>;
struct Asset {
    origin::StaticText ofThisVersion, ofAnother;
};
using Assets = std::map<std::string, Asset, std::less<>>;

std::string_view contentType(const std::filesystem::path& file) {
    const std::string extension = file.extension();
    if (extension == ".html") return "text/html; charset=utf-8";
    if (extension == ".js") return "text/javascript; charset=utf-8";
    if (extension == ".css") return "text/css; charset=utf-8";
    if (extension == ".svg") return "image/svg+xml";
    return "text/plain; charset=utf-8";
}

Buffer gzip(const Buffer& plain) {
    z_stream stream{};
    constexpr int kGzip = 15 + 16;
    if (deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, kGzip, 9, Z_DEFAULT_STRATEGY) != Z_OK) return {};
    Bytes out(deflateBound(&stream, plain.size()));
    stream.next_in = const_cast<Bytef*>(plain.data());
    stream.avail_in = static_cast<uInt>(plain.size());
    stream.next_out = out.data();
    stream.avail_out = static_cast<uInt>(out.size());
    const bool isDone = deflate(&stream, Z_FINISH) == Z_STREAM_END;
    out.resize(stream.total_out);
    deflateEnd(&stream);
    return isDone && out.size() < plain.size() ? Buffer(std::move(out)) : Buffer();
}

Files readFiles(const std::filesystem::path& directory) {
    Files files;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(directory, error)) {
        if (!entry.is_regular_file()) continue;
        std::ifstream file(entry.path(), std::ios::binary);
        files.try_emplace(entry.path().filename(), std::istreambuf_iterator<char>(file),
                          std::istreambuf_iterator<char>());
    }
    return files;
}

// Of all files together.
std::string versionOf(const Files& files) {
    std::string digests;
    for (const auto& [name, content] : files) digests += name + " " + sha256Hex(asBytes(content)) + "\n";
    return sha256Hex(asBytes(digests)).substr(0, 16);
}

std::string withVersion(std::string page, const std::string& version) {
    const std::string before = "=\"" + std::string(kAssetFolder), after = before + version + "/";
    for (std::size_t at = 0; (at = page.find(before, at)) != std::string::npos; at += after.size())
        page.replace(at, before.size(), after);
    return page;
}

store::TextBody bodyOf(const std::string& content) {
    const Buffer plain(Bytes(content.begin(), content.end()));
    return {plain, gzip(plain)};
}

origin::ResponsePtr respond(const origin::StaticText& asset, const origin::PageRequest& request) {
    return asset.answer(request.acceptsGzip, request.ifNoneMatch);
}

// Somebody typed the address of the server alone, or a wrong one.
origin::ResponsePtr directions() {
    constexpr std::string_view kText =
        "There is nothing here. A stream is watched at /watch/ID, and its playlist is /live/ID/master.m3u8.\n";
    return origin::makeResponse({.status = 404,
                                 .contentType = "text/plain; charset=utf-8",
                                 .cacheControl = "no-store",
                                 .body = {Buffer(Bytes(kText.begin(), kText.end()))}});
}
}  // namespace

Result<origin::PageTable> loadPlayerPages(const std::filesystem::path& directory) {
    Files files = readFiles(directory);
    const auto page = files.find(kPage);
    if (page == files.end())
        return fail(ErrorCode::NotFound, "the watch page is not there; build the target 'player'", directory);
    const std::string version = versionOf(files);
    auto watch = std::make_shared<const origin::StaticText>(bodyOf(withVersion(std::move(page->second), version)),
                                                            contentType(page->first), kPageCacheControl);
    files.erase(page);
    auto assets = std::make_shared<Assets>();
    for (const auto& [name, content] : files) {
        const store::TextBody body = bodyOf(content);
        const std::string_view type = contentType(name);
        assets->try_emplace(name, origin::StaticText(body, type, kAssetCacheControl),
                            origin::StaticText(body, type, kOtherVersionCacheControl));
    }

    origin::PageTable table;
    const std::string assetPath = std::string(kWatchPath) + std::string(kAssetFolder);
    table.pages.push_back({assetPath, [assets, version, start = assetPath.size()](const origin::PageRequest& request) {
                               const std::string_view rest = request.path.substr(start);
                               const std::size_t slash = std::min(rest.find('/'), rest.size());
                               const auto asset = assets->find(rest.substr(std::min(slash + 1, rest.size())));
                               if (asset == assets->end()) return origin::ResponsePtr();
                               const auto& [ours, others] = asset->second;
                               return respond(rest.substr(0, slash) == version ? ours : others, request);
                           }});
    table.pages.push_back({std::string(kWatchPath), [watch](const origin::PageRequest& request) {
                               const bool isStream =
                                   StreamId::parse(request.path.substr(kWatchPath.size())).has_value();
                               return isStream ? respond(*watch, request) : nullptr;
                           }});
    table.notFound = directions();
    return table;
}

}  // namespace live::daemon
