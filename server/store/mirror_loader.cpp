// Reading the mirror back: what is whole, and nothing else.
#include <algorithm>
#include <map>
#include <utility>

#include "server/store/mirror.h"
#include "server/store/mirror_log.h"

namespace live::store {

namespace {

constexpr std::size_t kMaxInitBytes = 1024 * 1024;
constexpr std::size_t kMaxFillerBytes = 256 * 1024 * 1024;

using Records = std::map<std::int64_t, std::vector<CommitRecord>>;  // by segment, in the order they were written

struct Log {
    media::BroadcastPlan plan;
    Records records;
};

// Adds the records of one log file.
void addRecords(ByteView bytes, const LogHeader& header, Records& records) {
    const std::size_t renditions = header.plan.renditions.size();
    const std::size_t size = commitRecordBytes(renditions);
    for (std::size_t at = header.size; at + size <= bytes.size(); at += size)
        if (auto record = decodeCommitRecord(bytes.subspan(at, size), renditions))
            if (record->slot.part < header.plan.grid.slotsPerSegment())
                records[record->slot.segment].push_back(std::move(*record));
}

Result<Log> readLogs(const std::filesystem::path& folder, FileLayer& files) {
    std::optional<Log> log;
    for (const std::string& name : LIVE_TRY(files.list(folder))) {
        if (!parseLogFileName(name)) continue;
        const auto bytes = files.read(folder / name, kMaxLogBytes);
        if (!bytes) continue;
        const auto header = decodeLogHeader(*bytes);
        if (!header) continue;
        if (!log) log = Log{header->plan, {}};
        if (header->plan == log->plan) addRecords(*bytes, *header, log->records);
    }
    if (!log) return fail(ErrorCode::NotFound, "no readable commit log", folder.string());
    return *std::move(log);
}

std::vector<Init> readInits(const std::filesystem::path& folder, FileLayer& files) {
    std::vector<Init> inits;
    for (const std::string& name : files.list(folder).value_or(std::vector<std::string>{})) {
        if (!parseInitName(name)) continue;
        auto bytes = files.read(folder / name, kMaxInitBytes);
        if (bytes && name.find(sha256Hex(*bytes).substr(0, 8)) != std::string::npos)
            inits.push_back({name, Buffer(*std::move(bytes))});
    }
    return inits;
}

MirrorFiller readFiller(const std::filesystem::path& folder, FileLayer& files) {
    auto bytes = files.read(folder / kFillerName, kMaxFillerBytes);
    if (!bytes) return {};
    ByteReader reader(*bytes);
    const std::uint32_t size = reader.u32();
    const std::uint32_t crc = reader.u32();
    const ByteView content = reader.bytes(size);
    if (reader.failed() || crc32Of(content) != crc || content.size() < 4) return {};
    const std::uint32_t init = ByteReader(content).u32();
    return {initName(init), Buffer(*std::move(bytes)).slice(12, size - 4)};
}

// Puts the segments of one number together, from its records in the order they were written: that is how a restart in
// between saw them. What came first counts, because viewers saw it first.
class SegmentLoader {
public:
    SegmentLoader(MirroredBroadcast& broadcast, const std::filesystem::path& folder, FileLayer& files,
                  std::int64_t number)
        : m_broadcast(broadcast), m_number(number) {
        for (const MirroredRendition& rendition : broadcast.renditions) {
            auto bytes = files.read(folder / rendition.id.text() / segmentFileName(number), kMaxSegmentBytes);
            m_files.push_back(bytes ? Buffer(*std::move(bytes)) : Buffer());
            m_segments.emplace_back();
        }
    }

    // A damaged record is void, and with it those after it that do not go on where the ones before it end.
    void add(const CommitRecord& record) {
        for (std::size_t i = 0; i < record.parts.size(); ++i)
            if (record.parts[i] && !isWhole(i, *record.parts[i])) return;
        const bool isKnown = record.slot.part < m_nextPart;
        if (!isKnown && (record.slot.part != m_nextPart || !record.parts.back())) return;
        for (std::size_t i = 0; i < record.parts.size(); ++i)
            if (record.parts[i]) addPart(i, record.slot, *record.parts[i]);
        if (!isKnown) m_broadcast.newest = {m_number, m_nextPart++};
    }

    void finish() {
        for (std::size_t i = 0; i < m_segments.size(); ++i)
            if (m_segments[i])
                m_broadcast.renditions[i].segments.push_back(
                    std::make_shared<const Segment>(*std::move(m_segments[i])));
    }

private:
    bool isWhole(std::size_t rendition, const CommittedPart& part) const {
        const Buffer bytes = m_files[rendition].slice(part.offset, part.length);
        const auto& inits = m_broadcast.renditions[rendition].inits;
        return bytes.size() == part.length && crc32Of(bytes.view()) == part.crc &&
               std::ranges::find(inits, initName(part.init), &Init::name) != inits.end();
    }

    void addPart(std::size_t rendition, media::SlotId slot, const CommittedPart& part) {
        auto& segment = m_segments[rendition];
        if (slot.part == 0 && !segment) {
            segment.emplace();
            segment->number = m_number;
            segment->start = m_broadcast.plan.grid.partStart(m_broadcast.plan.track(rendition), slot);
            segment->isDiscontinuity = part.isDiscontinuity;
            segment->initName = initName(part.init);
        }
        // A rendition that was shed for a slot has nothing after it that could be listed, until it is given that slot.
        if (!segment || segment->parts.size() != static_cast<std::size_t>(slot.part)) return;
        segment->parts.push_back(
            {m_files[rendition].slice(part.offset, part.length), part.duration, part.isIndependent});
    }

    MirroredBroadcast& m_broadcast;
    const std::int64_t m_number;
    std::int32_t m_nextPart = 0;
    std::vector<Buffer> m_files;
    std::vector<std::optional<Segment>> m_segments;
};

}  // namespace

Result<MirroredBroadcast> Mirror::load(const std::filesystem::path& root, const StreamId& stream,
                                       const BroadcastId& broadcast, FileLayer& files) {
    const std::filesystem::path folder = root / stream.text() / broadcast.text();
    const Log log = LIVE_TRY(readLogs(folder, files));
    if (log.plan.stream != stream || log.plan.broadcast != broadcast)
        return fail(ErrorCode::NotFound, "the commit log is that of another broadcast", folder.string());
    MirroredBroadcast mirrored{.plan = log.plan, .renditions = {}, .newest = {}};
    for (const media::Rendition& rendition : log.plan.renditions) {
        const std::filesystem::path renditionFolder = folder / rendition.id.text();
        mirrored.renditions.push_back(
            {rendition.id, readInits(renditionFolder, files), readFiller(renditionFolder, files), {}});
    }
    for (const auto& [number, records] : log.records) {
        SegmentLoader loader(mirrored, folder, files, number);
        for (const CommitRecord& record : records) loader.add(record);
        loader.finish();
    }
    return mirrored;
}

std::vector<std::pair<StreamId, BroadcastId>> Mirror::broadcasts(const std::filesystem::path& root, FileLayer& files) {
    std::vector<std::pair<StreamId, BroadcastId>> found;
    for (const std::string& streamName : files.list(root).value_or(std::vector<std::string>{})) {
        const auto stream = StreamId::parse(streamName);
        if (!stream) continue;
        for (const std::string& name : files.list(root / streamName).value_or(std::vector<std::string>{}))
            if (const auto broadcast = BroadcastId::parse(name)) found.emplace_back(*stream, *broadcast);
    }
    return found;
}

}  // namespace live::store
