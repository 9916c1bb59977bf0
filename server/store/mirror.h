// The mirror: the window of every broadcast once more in files, so that a restarted server lists the same segments with
// the same bytes. Written to the page cache, never fsynced: it survives the process, killed or not; of what a crashed
// kernel left, the checksums pick what is whole.
//
//   <root>/<stream>/<broadcast>/<rendition>/<k>.m4s     the parts of segment k, one after the other
//                                          /init-….mp4  as it is served
//                                          /filler      what the packager makes filler media from
//                                /<n>.commits           the commit log of segments [64 n, 64 n + 64) (mirror_log.h)
//
// A slot counts when its commit record is whole; the record is written after the parts of all renditions.
// Any thread may call; all file work is done on the mirror's own thread, in the order of the calls. The queue is
// bounded: when it is full the call is refused (Overloaded) and the slot will be missing after a restart; live never
// waits.
#pragma once

#include <array>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "common/base/clock.h"
#include "server/media/plan.h"
#include "server/store/file_layer.h"
#include "server/store/snapshot.h"

namespace live::store {

// One rendition's part of a slot.
struct MirrorPart {
    Part part;
    std::string initName;          // "init-3fa9c1d2.mp4": the EXT-X-MAP in force
    bool isDiscontinuity = false;  // EXT-X-DISCONTINUITY before this part's segment
};

// A published slot: one entry a rendition of the plan, nothing for one that is shed; the last one never is. What a
// rendition is given later of a slot that the others have comes as the same slot with nothing else in it.
struct MirrorSlot {
    media::SlotId slot;
    std::vector<std::optional<MirrorPart>> parts;
};

// What filler media is made from, and the EXT-X-MAP that it needs: after an upgrade that may be another one than that
// of the newest segments.
struct MirrorFiller {
    std::string initName;
    Buffer bytes;
};

struct MirroredRendition {
    RenditionId id;
    std::vector<Init> inits;
    MirrorFiller filler;  // as given to setFiller(); empty if there was none or it is damaged
    // Ascending, with the parts before the first slot that is missing; numbers may be missing, too.
    std::vector<std::shared_ptr<const Segment>> segments;
};

struct MirroredBroadcast {
    media::BroadcastPlan plan;
    std::vector<MirroredRendition> renditions;  // as in plan.renditions
    std::optional<media::SlotId> newest;        // the newest slot that is in `segments`
};

struct MirrorTrouble {
    enum class Kind : std::uint8_t {
        Failed,   // could not be written: disk full, file too large, no permission
        Late,     // written, but after the deadline
        Refused,  // the queue was full
    };
    Kind kind = Kind::Failed;
    // Worth a line in the log. Failed: the broadcast's call before did not fail. Late: none was for a minute; the error
    // says how many there were. Refused: the call before was not.
    bool isNew = false;
    StreamId stream;  // empty where the broadcast was not begun, and for Refused
    BroadcastId broadcast;
    Error error;
};

struct MirrorFigures {
    std::uint64_t committed = 0;  // slots; "slots" itself is a macro of Qt
    std::uint64_t failed = 0;
    std::uint64_t late = 0;
    std::uint64_t refused = 0;
    std::uint64_t queuedCalls = 0;  // waiting now
    std::uint64_t queuedBytes = 0;
};

class Mirror {
public:
    struct Limits {
        Nanoseconds deadline = Milliseconds(20);  // from the call to the commit record
        std::size_t queuedBytes = 64 * 1024 * 1024;
        std::size_t queuedCalls = 4096;
        Nanoseconds patience = Seconds(1);  // of the destructor, with a disk that hangs
    };
    using Done = std::move_only_function<void(Result<void>)>;
    using OnTrouble = std::function<void(const MirrorTrouble&)>;

    // `root` is <state-dir>/mirror. `clock` outlives the mirror. `onTrouble` runs on the mirror thread
    // (Refused: on the caller's), once for every call that was not done in time.
    Mirror(std::filesystem::path root, std::shared_ptr<FileLayer> files, const Clock& clock, OnTrouble onTrouble);
    Mirror(std::filesystem::path root, std::shared_ptr<FileLayer> files, const Clock& clock, OnTrouble onTrouble,
           Limits limits);
    // Finishes what is queued. What the disk has not taken after Limits::patience is given up, and nobody is told of
    // it; the thread then ends by itself, if the disk ever answers.
    ~Mirror();
    Mirror(const Mirror&) = delete;

    // Makes the folders of a broadcast, or goes on with those that are there. First; later calls for a broadcast that
    // was not begun fail.
    void begin(const media::BroadcastPlan& plan);
    void setInit(const BroadcastId& broadcast, std::size_t rendition, Init init);
    void setFiller(const BroadcastId& broadcast, std::size_t rendition, MirrorFiller filler);
    // In the order of the slots, after their inits. `done` runs exactly once, on the mirror thread (Overloaded: on the
    // caller's; see also the destructor): a slot that is shown to viewers only then, or after the deadline, will be
    // there after a kill.
    void commit(const BroadcastId& broadcast, MirrorSlot slot, Done done = {});
    // Segments before `oldestKept` may go.
    void trim(const BroadcastId& broadcast, std::int64_t oldestKept);
    // Closes the files of a broadcast that has ended and leaves them there.
    void close(const BroadcastId& broadcast);
    // Removes all of a broadcast; it need not have been begun.
    void remove(const StreamId& stream, const BroadcastId& broadcast);

    // Removes all of a stream. Of its broadcasts none may be open.
    void remove(const StreamId& stream);

    MirrorFigures figures() const;
    // Returns when everything queued so far is done. For tests; blocks for as long as the disk does.
    void flush();

    // What is there, at the start of the process. Blocks.
    static std::vector<std::pair<StreamId, BroadcastId>> broadcasts(const std::filesystem::path& root,
                                                                    FileLayer& files);
    // NotFound without a readable commit log; damaged slots are left out. Reads whole segments; blocks.
    static Result<MirroredBroadcast> load(const std::filesystem::path& root, const StreamId& stream,
                                          const BroadcastId& broadcast, FileLayer& files);

private:
    class Impl;
    std::shared_ptr<Impl> m_impl;
};

}  // namespace live::store
