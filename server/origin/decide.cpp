#include "server/origin/decide.h"

#include <algorithm>

#include "server/origin/reload.h"

namespace live::origin {

namespace {
using store::RenditionSnapshot;
using store::StreamSnapshot;

constexpr std::string_view kPlaylistType = "application/vnd.apple.mpegurl";
constexpr std::string_view kImmutable = "public, max-age=31536000, immutable";
constexpr std::string_view kEnded = "public, max-age=3600";

std::string maxAge(std::int64_t seconds) { return "public, max-age=" + std::to_string(seconds); }

// For the caches between here and the viewers. A viewer's own has no use for the answer to a request that is made once,
// and holds back a player that makes it twice: at the end of a segment Video.js asks again for the part it has just
// got.
std::string maxSharedAge(Seconds age) { return "public, max-age=0, s-maxage=" + std::to_string(age.count()); }

ResponsePtr notFound(std::string_view reason) { return makeError(404, reason); }

ResponsePtr playlist(const store::TextBody& text, bool acceptsGzip, std::string_view cacheControl) {
    const bool isGzip = acceptsGzip && !text.gzip.empty();
    return makeResponse(
        {.status = 200,
         .contentType = kPlaylistType,
         .cacheControl = cacheControl,
         .extra = isGzip ? "Vary: Accept-Encoding\r\nContent-Encoding: gzip\r\n" : "Vary: Accept-Encoding\r\n",
         .body = {isGzip ? text.gzip : text.plain}});
}

// The bytes [offset, offset + count) of a chain of buffers.
std::vector<Buffer> sliceOf(const std::vector<Buffer>& chain, ByteRange::Slice slice) {
    std::vector<Buffer> slices;
    for (const Buffer& buffer : chain) {
        if (slice.count == 0) break;
        if (slice.offset >= buffer.size()) {
            slice.offset -= buffer.size();
            continue;
        }
        slices.push_back(buffer.slice(slice.offset, slice.count));
        slice.count -= slices.back().size();
        slice.offset = 0;
    }
    return slices;
}

// Media never changes under its name, but for what a kill kept from the mirror: filler takes its place, and the length
// in the tag tells the two apart.
ResponsePtr media(const MediaRequest& request, media::MediaKind kind, std::vector<Buffer> chain,
                  std::string_view name) {
    std::size_t length = 0;
    for (const Buffer& buffer : chain) length += buffer.size();
    const std::string tag = '"' + std::string(name) + '-' + std::to_string(length) + '"';
    ResponseFields fields{.status = 200,
                          .contentType = kind == media::MediaKind::Video ? "video/mp4" : "audio/mp4",
                          .cacheControl = kImmutable,
                          .extra = "Accept-Ranges: bytes\r\nETag: " + tag + "\r\n",
                          .body = {}};
    if (matchesTag(request.ifNoneMatch, tag)) {
        fields.status = 304;
        fields.contentType = {};
        return makeResponse(std::move(fields));
    }
    if (!request.range || (!request.ifRange.empty() && request.ifRange != tag)) {
        fields.body = std::move(chain);
        return makeResponse(std::move(fields));
    }
    const auto resolved = request.range->resolve(length);
    const auto* slice = std::get_if<ByteRange::Slice>(&resolved);
    if (!slice) {
        fields = {.status = 416, .contentType = {}, .cacheControl = "no-store", .extra = {}, .body = {}};
        fields.extra = "Content-Range: bytes */" + std::to_string(length) + "\r\n";
        return makeResponse(std::move(fields));
    }
    fields.status = 206;
    fields.extra += "Content-Range: bytes " + std::to_string(slice->offset) + '-' +
                    std::to_string(slice->offset + slice->count - 1) + '/' + std::to_string(length) + "\r\n";
    fields.body = sliceOf(chain, *slice);
    return makeResponse(std::move(fields));
}

Decision decideMultivariant(const MediaRequest& request, const store::StreamEntry& entry, BootTime now) {
    // The show that starts goes before the one that has ended.
    const StreamSnapshot* current = entry.current.get();
    if (entry.isStarting && (!current || current->isEnded)) return Hold{Hold::For::FirstPlaylist, kStartLimit};
    if (!current) return notFound("no broadcast");
    if (current->multivariant.plain.empty()) return makeError(503, "incomplete playlist");
    if (!current->isEnded && isStale(*current, now)) return makeError(503, "stale playlist");
    return playlist(current->multivariant, request.acceptsGzip, maxAge(1));
}

std::string cacheControlOf(const HlsQuery& query, const StreamSnapshot& snapshot) {
    const Seconds target = snapshot.plan.grid.segmentDuration();
    if (isExactAnswer(query, snapshot)) return maxSharedAge(6 * target);
    if (query.msn) return maxAge(1);
    return maxAge(std::max<std::int64_t>(1, target.count() / 2));
}

Decision decidePlaylist(const MediaRequest& request, const StreamSnapshot& snapshot, const RenditionSnapshot& rendition,
                        BootTime now, Phase phase) {
    if (rendition.isShed) return notFound("rendition is shed");
    if (snapshot.isEnded) return playlist(rendition.playlist, request.acceptsGzip, kEnded);

    if (phase == Phase::New) {
        if (rendition.playlist.plain.empty()) return makeError(503, "incomplete playlist");
        if (isStale(snapshot, now)) return makeError(503, "stale playlist");
    }
    const Reload reload = evaluateReload(request.query, snapshot);
    if (reload == Reload::TooFar) return makeError(400, "too far ahead of the playlist");
    if (reload == Reload::Wait || rendition.playlist.plain.empty())
        return Hold{Hold::For::Playlist, holdLimit(snapshot.plan.grid)};
    const bool isDelta = request.query.wantsDelta && rendition.delta;
    return playlist(isDelta ? *rendition.delta : rendition.playlist, request.acceptsGzip,
                    cacheControlOf(request.query, snapshot));
}

const store::Segment* findSegment(const std::vector<std::shared_ptr<const store::Segment>>& segments,
                                  std::int64_t number) {
    const auto found =
        std::ranges::lower_bound(segments, number, {}, [](const auto& segment) { return segment->number; });
    return found != segments.end() && (*found)->number == number ? found->get() : nullptr;
}

const store::Segment* findSegment(const RenditionSnapshot& rendition, std::int64_t number) {
    const store::Segment* listed = findSegment(rendition.segments, number);
    return listed ? listed : findSegment(rendition.removed, number);
}

Decision decideInit(const MediaRequest& request, const RenditionSnapshot& rendition) {
    const auto found = std::ranges::find(rendition.inits, request.path.initName, &store::Init::name);
    if (found == rendition.inits.end()) return notFound("unknown init");
    return media(request, rendition.kind, {found->bytes}, request.path.initName);
}

Decision decideSegment(const MediaRequest& request, const StreamSnapshot& snapshot,
                       const RenditionSnapshot& rendition) {
    const std::int64_t number = request.path.slot.segment;
    const store::Segment* segment = findSegment(rendition, number);
    const auto slots = static_cast<std::size_t>(snapshot.plan.grid.slotsPerSegment());
    if (!segment || segment->parts.size() < slots) return notFound("unknown segment");
    std::vector<Buffer> chain;
    chain.reserve(segment->parts.size());
    for (const store::Part& part : segment->parts) chain.push_back(part.bytes);
    return media(request, rendition.kind, std::move(chain), std::to_string(number));
}

Decision decidePart(const MediaRequest& request, const StreamSnapshot& snapshot, const RenditionSnapshot& rendition) {
    const media::SlotId slot = request.path.slot;
    const store::Segment* segment = findSegment(rendition, slot.segment);
    if (segment && static_cast<std::size_t>(slot.part) < segment->parts.size()) {
        const std::string name = std::to_string(slot.segment) + '.' + std::to_string(slot.part);
        return media(request, rendition.kind, {segment->parts[static_cast<std::size_t>(slot.part)].bytes}, name);
    }
    if (rendition.isShed) return notFound("rendition is shed");
    if (slot != snapshot.hinted) return notFound("unknown part");
    if (snapshot.isEnded)
        return makeResponse({.status = 204, .contentType = {}, .cacheControl = "no-store", .extra = {}, .body = {}});
    return Hold{Hold::For::Part, holdLimit(snapshot.plan.grid)};
}

const StreamSnapshot* findBroadcast(const store::StreamEntry& entry, const std::string& broadcast) {
    for (const auto* snapshot : {&entry.current, &entry.previous})
        if (*snapshot && (*snapshot)->plan.broadcast.text() == broadcast) return snapshot->get();
    return nullptr;
}
}  // namespace

Decision decide(const MediaRequest& request, const store::StreamEntry* entry, BootTime now, Phase phase) {
    if (!entry) return notFound("no broadcast");
    const MediaPath& path = request.path;
    if (path.kind == MediaPath::Kind::Multivariant) return decideMultivariant(request, *entry, now);
    const StreamSnapshot* snapshot = findBroadcast(*entry, path.broadcast);
    if (!snapshot) {
        // After a restart of the server a broadcast goes on under its id before its first playlist is back.
        if (entry->isStarting) return Hold{Hold::For::FirstPlaylist, kStartLimit};
        return notFound("unknown broadcast");
    }
    const auto index = snapshot->find(path.rendition);
    if (!index) return notFound("unknown rendition");
    const RenditionSnapshot& rendition = snapshot->renditions[*index];
    switch (path.kind) {
        case MediaPath::Kind::Playlist: return decidePlaylist(request, *snapshot, rendition, now, phase);
        case MediaPath::Kind::Init: return decideInit(request, rendition);
        case MediaPath::Kind::Segment: return decideSegment(request, *snapshot, rendition);
        case MediaPath::Kind::Part: return decidePart(request, *snapshot, rendition);
        case MediaPath::Kind::Multivariant: break;
    }
    return notFound("unknown name");
}

}  // namespace live::origin
