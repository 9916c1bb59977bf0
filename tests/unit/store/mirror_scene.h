// A mirror in a temporary folder on a disk that can be made to fail, and slots whose bytes say what they are.
#pragma once

#include <QStringList>
#include <QTemporaryDir>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <mutex>
#include <optional>
#include <vector>

#include "server/store/mirror.h"
#include "server/store/mirror_log.h"
#include "tests/support/plans.h"

namespace live::test {

using namespace live::store;
using media::SlotId;
namespace fs = std::filesystem;

inline constexpr std::int64_t kFirst = 891'406'848;  // first segment of a log file
inline const media::BroadcastPlan kPlan = examplePlan(kFirst);
inline const std::size_t kRenditions = kPlan.renditions.size();

// Real files, and what can go wrong with them.
struct FaultyFileLayer final : FileLayer {
    Result<void> makeDirectories(const fs::path& path) override {
        if (!canMakeFolders) return failErrno("mkdir", EROFS);
        return real.makeDirectories(path);
    }
    Result<FileDescriptor> openForWriting(const fs::path& path) override { return real.openForWriting(path); }
    Result<void> writeAt(const FileDescriptor& file, ByteView bytes, std::uint64_t offset) override {
        if (onWrite) onWrite();
        if (bytes.size() <= budget) {
            budget -= bytes.size();
            return real.writeAt(file, bytes, offset);
        }
        const ByteView fitting = bytes.first(budget);
        budget = 0;
        if (auto written = real.writeAt(file, fitting, offset); !written) return written;
        return failErrno("pwrite", ENOSPC);
    }
    Result<std::uint64_t> sizeOf(const FileDescriptor& file) override { return real.sizeOf(file); }
    Result<void> remove(const fs::path& path) override { return real.remove(path); }
    Result<Bytes> read(const fs::path& path, std::size_t maximum) override { return real.read(path, maximum); }
    Result<std::vector<std::string>> list(const fs::path& path) override { return real.list(path); }

    ~FaultyFileLayer() override {
        if (onDestroyed) onDestroyed();
    }

    SystemFileLayer real;
    std::size_t budget = SIZE_MAX;  // bytes until the disk is full
    bool canMakeFolders = true;
    std::function<void()> onWrite;
    std::function<void()> onDestroyed;
};

inline Init initOf(std::size_t rendition) {
    const Buffer bytes = Buffer::copyOf("init of rendition " + std::to_string(rendition));
    return {"init-" + sha256Hex(bytes.view()).substr(0, 8) + ".mp4", bytes};
}

inline Buffer partBytes(std::size_t rendition, SlotId slot, const char* take) {
    return Buffer::copyOf(std::string(take) + " " + std::to_string(rendition) + "/" + std::to_string(slot.segment) +
                          "." + std::to_string(slot.part) + std::string(rendition * 7, '.'));
}

inline MirrorSlot slotOf(SlotId slot, const char* take = "live") {
    MirrorSlot committed{slot, {}};
    for (std::size_t i = 0; i < kRenditions; ++i)
        committed.parts.push_back(MirrorPart{.part = {.bytes = partBytes(i, slot, take),
                                                      .duration = kPlan.grid.partDuration(kPlan.track(i), slot),
                                                      .isIndependent = slot.part == 0},
                                             .initName = initOf(i).name});
    return committed;
}

// The n-th slot of the broadcast.
inline SlotId nth(std::int64_t n) { return kPlan.grid.slot(kPlan.grid.slotIndex({kFirst, 0}) + n); }

struct MirrorScene {
    QTemporaryDir folder;
    std::shared_ptr<FaultyFileLayer> ownedFiles = std::make_shared<FaultyFileLayer>();
    FaultyFileLayer& files = *ownedFiles;
    ManualClock clock;
    std::mutex mutex;
    std::vector<MirrorTrouble> troubles;
    Mirror::Limits limits;
    std::optional<Mirror> mirror;

    MirrorScene() { open(); }
    void open() {
        mirror.emplace(
            root(), ownedFiles, clock,
            [this](const MirrorTrouble& trouble) {
                const std::lock_guard lock(mutex);
                troubles.push_back(trouble);
            },
            limits);
    }
    // As a killed process leaves it and the next one finds it.
    void reopen() {
        mirror.reset();
        open();
    }
    fs::path root() const { return folder.path().toStdString(); }
    fs::path broadcastFolder() const { return root() / kPlan.stream.text() / kPlan.broadcast.text(); }
    fs::path logFile() const { return broadcastFolder() / logFileName(kFirst); }

    void begin() {
        mirror->begin(kPlan);
        for (std::size_t i = 0; i < kRenditions; ++i) {
            mirror->setInit(kPlan.broadcast, i, initOf(i));
            mirror->setFiller(kPlan.broadcast, i, {initOf(i).name, Buffer::copyOf("filler " + std::to_string(i))});
        }
    }
    void commit(std::int64_t from, std::int64_t count, const char* take = "live") {
        for (std::int64_t n = from; n < from + count; ++n) mirror->commit(kPlan.broadcast, slotOf(nth(n), take));
        mirror->flush();
    }
    Result<MirroredBroadcast> load() { return Mirror::load(root(), kPlan.stream, kPlan.broadcast, files); }
};

// "0:live 1:live 3:filler": the slots of a rendition in order, counted from the first one, and whose bytes they have;
// "bad" where bytes, duration or flags are not what was committed.
inline QString slotsOf(const MirroredBroadcast& mirrored, std::size_t rendition) {
    QStringList all;
    for (const auto& segment : mirrored.renditions[rendition].segments)
        for (std::size_t p = 0; p < segment->parts.size(); ++p) {
            const SlotId slot{segment->number, static_cast<std::int32_t>(p)};
            const std::string take(asText(segment->parts[p].bytes.view()).substr(0, 4));
            const MirrorPart expected = *slotOf(slot, take.c_str()).parts[rendition];
            const Part& part = segment->parts[p];
            const bool isRight = std::ranges::equal(part.bytes.view(), expected.part.bytes.view()) &&
                                 part.duration == expected.part.duration &&
                                 part.isIndependent == expected.part.isIndependent &&
                                 segment->initName == expected.initName &&
                                 segment->start == kPlan.grid.partStart(kPlan.track(rendition), {segment->number, 0});
            all += QString("%1:%2")
                       .arg(kPlan.grid.slotIndex(slot) - kPlan.grid.slotIndex({kFirst, 0}))
                       .arg(isRight ? QString::fromStdString(take) : "bad");
        }
    return all.join(' ');
}

// "0:live 1:live … n-1:live"
inline QString liveSlots(std::int64_t count) {
    QStringList all;
    for (std::int64_t n = 0; n < count; ++n) all += QString("%1:live").arg(n);
    return all.join(' ');
}

inline Bytes contentOf(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

inline void overwrite(const fs::path& path, ByteView bytes) {
    fs::remove(path);  // truncating makes some file systems write to the disk
    std::ofstream file(path, std::ios::binary | std::ios::trunc);
    file.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
}

}  // namespace live::test
