// Keeps two servers from using one state directory or one catalog.
#pragma once

#include <filesystem>
#include <utility>

#include "common/base/error.h"
#include "common/base/file_descriptor.h"

namespace live::catalog {

// An flock(2) on <state-dir>/lock, held until the object or the process goes, however it goes. Movable value.
class StateLock {
public:
    // Makes the directory (0700) with its parents where it is missing. Conflict, with the other's process id, when it
    // is in use; Io when it can't be made or written.
    static Result<StateLock> acquire(const std::filesystem::path& stateDir);
    // The same for a catalog, which may be outside of the state directory, by a file beside it with ".lock" added to
    // its name. Its directory must be there.
    static Result<StateLock> acquireCatalog(const std::filesystem::path& catalog);

private:
    struct Words;
    static Result<StateLock> lock(const std::filesystem::path& path, const Words& words);
    explicit StateLock(FileDescriptor file) : m_file(std::move(file)) {}

    FileDescriptor m_file;
};

}  // namespace live::catalog
