#include "server/daemon/player_pages.h"

#include <zlib.h>

#include <fstream>
#include <iterator>
#include <map>

#include "common/base/ids.h"

namespace live::daemon {

namespace {

// Assets have no version in their names: a new server must be seen soon.
constexpr std::string_view kCacheControl = "public, max-age=60";

using Assets = std::map<std::string, origin::StaticText, std::less<>>;

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

origin::StaticText readAsset(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    const Buffer plain(Bytes(std::istreambuf_iterator<char>(file), {}));
    return {{plain, gzip(plain)}, contentType(path), kCacheControl};
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
    auto assets = std::make_shared<Assets>();
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(directory, error))
        if (entry.is_regular_file()) assets->try_emplace(entry.path().filename(), readAsset(entry.path()));
    if (!assets->contains("watch.html"))
        return fail(ErrorCode::NotFound, "the watch page is not there; build the target 'player'", directory);

    constexpr std::string_view kAssetPrefix = "/watch/assets/";
    constexpr std::string_view kWatchPrefix = "/watch/";
    origin::PageTable table;
    table.pages.push_back({std::string(kAssetPrefix), [assets, kAssetPrefix](const origin::PageRequest& request) {
                               const auto asset = assets->find(request.path.substr(kAssetPrefix.size()));
                               return asset == assets->end() ? nullptr : respond(asset->second, request);
                           }});
    table.pages.push_back({std::string(kWatchPrefix), [assets, kWatchPrefix](const origin::PageRequest& request) {
                               const bool isStream =
                                   StreamId::parse(request.path.substr(kWatchPrefix.size())).has_value();
                               return isStream ? respond(assets->at("watch.html"), request) : nullptr;
                           }});
    table.notFound = directions();
    return table;
}

}  // namespace live::daemon
