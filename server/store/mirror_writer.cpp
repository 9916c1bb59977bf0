#include "server/store/mirror_writer.h"

#include <utility>

namespace live::store {

MirrorWriter::MirrorWriter(std::filesystem::path folder, const media::BroadcastPlan& plan, FileLayer& files)
    : m_folder(std::move(folder)), m_plan(plan), m_files(files), m_parts(plan.renditions.size()) {}

std::filesystem::path MirrorWriter::renditionFolder(std::size_t rendition) const {
    return m_folder / m_plan.renditions[rendition].id.text();
}

Result<void> MirrorWriter::prepare() {
    if (!m_hasFolders) LIVE_TRY(makeFolders());
    while (!m_pending.empty()) {
        LIVE_TRY(writeWhole(m_pending.back()));
        m_pending.pop_back();
    }
    return {};
}

Result<void> MirrorWriter::makeFolders() {
    for (std::size_t rendition = 0; rendition < m_parts.size(); ++rendition) {
        LIVE_TRY(m_files.makeDirectories(renditionFolder(rendition)));
        for (const std::string& name : LIVE_TRY(m_files.list(renditionFolder(rendition))))
            if (const auto segment = parseSegmentFileName(name)) m_segments.insert(*segment);
    }
    for (const std::string& name : LIVE_TRY(m_files.list(m_folder)))
        if (const auto log = parseLogFileName(name)) m_logs.insert(*log);
    m_hasFolders = true;
    return {};
}

Result<void> MirrorWriter::setInit(std::size_t rendition, const Init& init) {
    if (rendition >= m_parts.size() || !parseInitName(init.name))
        return fail(ErrorCode::InvalidArgument,
                    "an init has a name like init-3fa9c1d2.mp4 and a rendition of the plan");
    m_pending.push_back({renditionFolder(rendition) / init.name, init.bytes});
    return prepare();
}

Result<void> MirrorWriter::setFiller(std::size_t rendition, const MirrorFiller& filler) {
    const auto init = parseInitName(filler.initName);
    if (rendition >= m_parts.size() || !init)
        return fail(ErrorCode::InvalidArgument, "filler has an init's name and a rendition of the plan");
    ByteWriter content;
    content.u32(*init).bytes(filler.bytes.view());
    ByteWriter writer;
    writer.u32(content.view().size()).u32(crc32Of(content.view())).bytes(content.view());
    m_pending.push_back({renditionFolder(rendition) / kFillerName, Buffer(writer.take())});
    return prepare();
}

Result<void> MirrorWriter::writeWhole(const WholeFile& whole) {
    const FileDescriptor file = LIVE_TRY(m_files.openForWriting(whole.path));
    return m_files.writeAt(file, whole.bytes.view(), 0);
}

Result<void> MirrorWriter::commit(const MirrorSlot& slot) {
    if (slot.parts.size() != m_parts.size())
        return fail(ErrorCode::InvalidArgument, "a slot has one entry a rendition of the plan");
    LIVE_TRY(prepare());
    if (m_segment != slot.slot.segment) closeSegment();
    m_segment = slot.slot.segment;
    CommitRecord record{slot.slot, {}};
    for (std::size_t rendition = 0; rendition < m_parts.size(); ++rendition) {
        auto& entry = record.parts.emplace_back();
        if (slot.parts[rendition]) entry = LIVE_TRY(writePart(slot.slot.segment, rendition, *slot.parts[rendition]));
    }
    LIVE_TRY(openLog(slot.slot.segment));
    return append(m_log, encode(record));
}

Result<std::optional<CommittedPart>> MirrorWriter::writePart(std::int64_t segment, std::size_t rendition,
                                                             const MirrorPart& part) {
    const auto init = parseInitName(part.initName);
    if (!init) return fail(ErrorCode::InvalidArgument, "an init has a name like init-3fa9c1d2.mp4", part.initName);
    LIVE_TRY(openSegment(segment, rendition));
    OpenFile& file = m_parts[rendition];
    const CommittedPart committed{.offset = static_cast<std::uint32_t>(file.end),
                                  .length = static_cast<std::uint32_t>(part.part.bytes.size()),
                                  .duration = part.part.duration,
                                  .init = *init,
                                  .crc = crc32Of(part.part.bytes.view()),
                                  .isIndependent = part.part.isIndependent,
                                  .isDiscontinuity = part.isDiscontinuity};
    LIVE_TRY(append(file, part.part.bytes.view()));
    return committed;
}

Result<void> MirrorWriter::openSegment(std::int64_t segment, std::size_t rendition) {
    OpenFile& file = m_parts[rendition];
    if (file.file.isOpen()) return {};
    m_segments.insert(segment);
    file.file = LIVE_TRY(m_files.openForWriting(renditionFolder(rendition) / segmentFileName(segment)));
    // After a restart in the middle of a segment, what is there stays.
    const auto size = m_files.sizeOf(file.file);
    if (!size || *size > kMaxSegmentBytes) {
        file = {};
        return size ? fail(ErrorCode::TooLarge, "the segment's file is too large") : std::unexpected(size.error());
    }
    file.end = *size;
    return {};
}

Result<void> MirrorWriter::openLog(std::int64_t segment) {
    if (m_log.file.isOpen() && m_logNumber == segment / kSegmentsPerLog) return {};
    m_log = {};
    m_logNumber = segment / kSegmentsPerLog;
    m_logs.insert(*m_logNumber);
    m_log.file = LIVE_TRY(m_files.openForWriting(m_folder / logFileName(segment)));
    const Bytes header = encodeLogHeader(m_plan);
    auto size = m_files.sizeOf(m_log.file);
    // Written each time: it is the same, and the one that is there may be torn.
    auto written = size ? m_files.writeAt(m_log.file, header, 0) : std::unexpected(size.error());
    if (!written) {
        m_log = {};
        return written;
    }
    // Records have one size: a torn one at the end is written over.
    const std::size_t record = commitRecordBytes(m_parts.size());
    const std::uint64_t records = *size <= header.size() ? 0 : (*size - header.size()) / record;
    m_log.end = header.size() + records * record;
    return {};
}

// On failure the next bytes go to the same place.
Result<void> MirrorWriter::append(OpenFile& file, ByteView bytes) {
    LIVE_TRY(m_files.writeAt(file.file, bytes, file.end));
    file.end += bytes.size();
    return {};
}

Result<void> MirrorWriter::trim(std::int64_t oldestKept) {
    Result<void> result;
    const auto removeFile = [&](const std::filesystem::path& path) {
        if (auto removed = m_files.remove(path); !removed && result) result = std::move(removed);
    };
    while (!m_segments.empty() && *m_segments.begin() < oldestKept) {
        for (std::size_t rendition = 0; rendition < m_parts.size(); ++rendition)
            removeFile(renditionFolder(rendition) / segmentFileName(*m_segments.begin()));
        m_segments.erase(m_segments.begin());
    }
    while (!m_logs.empty() && (*m_logs.begin() + 1) * kSegmentsPerLog <= oldestKept) {
        if (m_logNumber == *m_logs.begin()) m_log = {};
        removeFile(m_folder / logFileName(*m_logs.begin() * kSegmentsPerLog));
        m_logs.erase(m_logs.begin());
    }
    return result;
}

void MirrorWriter::closeSegment() {
    for (OpenFile& file : m_parts) file = {};
}

}  // namespace live::store
