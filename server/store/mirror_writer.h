// Writes one broadcast into the mirror. Synchronous; owner thread: the mirror thread. Layout of the folder: mirror.h.
//
// Every call retries what a call before could not do (folders, inits, filler), so that the mirror recovers by itself
// when the disk does; only slots that failed stay missing.
#pragma once

#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "server/media/plan.h"
#include "server/store/file_layer.h"
#include "server/store/mirror.h"
#include "server/store/mirror_log.h"

namespace live::store {

class MirrorWriter {
public:
    // `folder` is that of the broadcast. `files` outlives the writer.
    MirrorWriter(std::filesystem::path folder, const media::BroadcastPlan& plan, FileLayer& files);
    MirrorWriter(const MirrorWriter&) = delete;

    const media::BroadcastPlan& plan() const { return m_plan; }

    // Makes the folders, finds the segments that are there, writes what is still to be written.
    Result<void> prepare();
    Result<void> setInit(std::size_t rendition, const Init& init);
    Result<void> setFiller(std::size_t rendition, const MirrorFiller& filler);
    Result<void> commit(const MirrorSlot& slot);
    Result<void> trim(std::int64_t oldestKept);

private:
    struct OpenFile {
        FileDescriptor file;
        std::uint64_t end = 0;  // where the next bytes go
    };
    struct WholeFile {
        std::filesystem::path path;
        Buffer bytes;
    };

    std::filesystem::path renditionFolder(std::size_t rendition) const;
    Result<void> makeFolders();
    Result<void> writeWhole(const WholeFile& file);
    Result<void> openSegment(std::int64_t segment, std::size_t rendition);
    Result<void> openLog(std::int64_t segment);
    Result<void> append(OpenFile& file, ByteView bytes);
    Result<std::optional<CommittedPart>> writePart(std::int64_t segment, std::size_t rendition, const MirrorPart& part);
    void closeSegment();

    const std::filesystem::path m_folder;
    const media::BroadcastPlan m_plan;
    FileLayer& m_files;
    bool m_hasFolders = false;
    std::vector<WholeFile> m_pending;
    std::optional<std::int64_t> m_segment;  // whose files are open
    std::vector<OpenFile> m_parts;          // one a rendition
    OpenFile m_log;
    std::optional<std::int64_t> m_logNumber;
    std::set<std::int64_t> m_segments;  // that have files
    std::set<std::int64_t> m_logs;
};

}  // namespace live::store
