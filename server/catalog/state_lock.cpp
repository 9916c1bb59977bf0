#include "server/catalog/state_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>

namespace live::catalog {

namespace {
namespace fs = std::filesystem;

Result<void> makeDirectory(const fs::path& path) {
    std::error_code error;
    if (fs::is_directory(path, error)) return {};
    fs::create_directories(path.parent_path(), error);
    if (error) return fail(ErrorCode::Io, "can't be made: " + error.message(), path.string());
    if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST)
        return failErrno("the state directory can't be made", errno, path.string());
    return {};
}

std::string ownerOf(const FileDescriptor& file) {
    char text[16];
    const ssize_t count = ::pread(file.value(), text, sizeof text, 0);
    std::string owner(text, count > 0 ? static_cast<std::size_t>(count) : 0);
    return owner.substr(0, owner.find_first_not_of("0123456789"));
}

// For the message of the one who comes second; the lock holds without it.
void writeOwner(const FileDescriptor& file) {
    const std::string owner = std::to_string(::getpid()) + "\n";
    if (::ftruncate(file.value(), 0) == 0) [[maybe_unused]]
        const ssize_t written = ::pwrite(file.value(), owner.data(), owner.size(), 0);
}
}  // namespace

// What errors say about the thing that is locked.
struct StateLock::Words {
    const char* thing;
    const char* option;
    const std::filesystem::path& context;
};

Result<StateLock> StateLock::acquire(const fs::path& stateDir) {
    LIVE_TRY(makeDirectory(stateDir));
    return lock(stateDir / "lock", {"state directory", "--state-dir", stateDir});
}

Result<StateLock> StateLock::acquireCatalog(const fs::path& catalog) {
    return lock(catalog.string() + ".lock", {"catalog", "catalog.path", catalog});
}

Result<StateLock> StateLock::lock(const fs::path& path, const Words& words) {
    const std::string thing = words.thing;
    FileDescriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (!file.isOpen()) return failErrno("the " + thing + " is not writable", errno, words.context.string());
    if (::flock(file.value(), LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK) return failErrno("the " + thing + " can't be locked", errno, words.context.string());
        const std::string owner = ownerOf(file);
        return fail(ErrorCode::Conflict,
                    "another liveserverd" + (owner.empty() ? "" : " (process " + owner + ")") + " uses this " + thing +
                        "; stop it, or give this one another " + words.option,
                    words.context.string());
    }
    writeOwner(file);
    return StateLock(std::move(file));
}

}  // namespace live::catalog
