#include "server/store/file_layer.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace live::store {

namespace {

constexpr mode_t kDirectoryMode = 0700;
constexpr mode_t kFileMode = 0600;

}  // namespace

Result<void> SystemFileLayer::makeDirectories(const std::filesystem::path& path) {
    std::filesystem::path built;
    for (const std::filesystem::path& name : path) {
        built /= name;
        if (::mkdir(built.c_str(), kDirectoryMode) == 0 || errno == EEXIST) continue;
        const int error = errno;  // a parent that may not be written to is no error if it is there
        if (struct stat status{}; ::stat(built.c_str(), &status) != 0 || !S_ISDIR(status.st_mode))
            return failErrno("mkdir", error, built.string());
    }
    return {};
}

Result<FileDescriptor> SystemFileLayer::openForWriting(const std::filesystem::path& path) {
    FileDescriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, kFileMode));
    if (!file.isOpen()) return failErrno("open", errno, path.string());
    return file;
}

Result<void> SystemFileLayer::writeAt(const FileDescriptor& file, ByteView bytes, std::uint64_t offset) {
    while (!bytes.empty()) {
        const ssize_t written = ::pwrite(file.value(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return failErrno("pwrite", written < 0 ? errno : ENOSPC);
        bytes = bytes.subspan(static_cast<std::size_t>(written));
        offset += static_cast<std::uint64_t>(written);
    }
    return {};
}

Result<std::uint64_t> SystemFileLayer::sizeOf(const FileDescriptor& file) {
    struct stat status{};
    if (::fstat(file.value(), &status) != 0) return failErrno("fstat", errno);
    return static_cast<std::uint64_t>(status.st_size);
}

Result<void> SystemFileLayer::remove(const std::filesystem::path& path) {
    std::error_code error;
    std::filesystem::remove_all(path, error);
    if (error) return failErrno("remove", error.value(), path.string());
    return {};
}

Result<Bytes> SystemFileLayer::read(const std::filesystem::path& path, std::size_t maximum) {
    const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file.isOpen() && errno == ENOENT) return fail(ErrorCode::NotFound, "no such file", path.string());
    if (!file.isOpen()) return failErrno("open", errno, path.string());
    const std::uint64_t size = LIVE_TRY(sizeOf(file));
    if (size > maximum)
        return fail(ErrorCode::TooLarge, "larger than " + std::to_string(maximum) + " bytes", path.string());
    Bytes bytes(size);
    std::size_t have = 0;
    while (have < size) {
        const ssize_t count = ::pread(file.value(), bytes.data() + have, size - have, static_cast<off_t>(have));
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return failErrno("read", errno, path.string());
        if (count == 0) break;
        have += static_cast<std::size_t>(count);
    }
    bytes.resize(have);
    return bytes;
}

Result<std::vector<std::string>> SystemFileLayer::list(const std::filesystem::path& path) {
    std::vector<std::string> names;
    std::error_code error;
    std::filesystem::directory_iterator entry(path, error);
    if (error == std::errc::no_such_file_or_directory) return names;
    for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error))
        names.push_back(entry->path().filename().string());
    if (error) return failErrno("list", error.value(), path.string());
    std::ranges::sort(names);
    return names;
}

}  // namespace live::store
