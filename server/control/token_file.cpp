#include "server/control/token_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "common/base/file_descriptor.h"
#include "server/control/secrets.h"

namespace live::control {

namespace {

Result<std::string> read(const FileDescriptor& descriptor, const std::filesystem::path& file) {
    struct stat status{};
    if (::fstat(descriptor.value(), &status) != 0) return failErrno("fstat", errno, file);
    if (!S_ISREG(status.st_mode) || (status.st_mode & (S_IRWXG | S_IRWXO)) != 0)
        return fail(ErrorCode::InvalidArgument,
                    "others may read the administrator token; make it yours alone: chmod 600", file);
    std::array<char, 512> buffer{};
    const ssize_t count = ::read(descriptor.value(), buffer.data(), buffer.size());
    if (count < 0) return failErrno("read", errno, file);
    std::string token(buffer.data(), static_cast<std::size_t>(count));
    while (token.ends_with('\n') || token.ends_with('\r')) token.pop_back();
    const bool isToken = token.size() >= 32 && token.size() <= 256 &&
                         std::ranges::all_of(token, [](char c) { return c > 0x20 && c < 0x7f; });
    if (!isToken)
        return fail(ErrorCode::InvalidArgument,
                    "this is not a token (32 to 256 printable characters); remove the file to get a new one", file);
    return token;
}

// Under another name first: a file named admin.token is always whole.
Result<std::string> make(const std::filesystem::path& file) {
    const std::string token = makeToken();
    const std::string line = token + "\n";
    const std::filesystem::path draft = file.string() + ".new";
    ::unlink(draft.c_str());
    const FileDescriptor out(
        ::open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR));
    if (!out.isOpen()) return failErrno("open", errno, draft);
    if (::write(out.value(), line.data(), line.size()) != static_cast<ssize_t>(line.size()))
        return failErrno("write", errno, draft);
    if (::fsync(out.value()) != 0) return failErrno("fsync", errno, draft);
    if (::rename(draft.c_str(), file.c_str()) != 0) return failErrno("rename", errno, file);
    const FileDescriptor directory(::open(file.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!directory.isOpen() || ::fsync(directory.value()) != 0) return failErrno("fsync", errno, file.parent_path());
    return token;
}

}  // namespace

Result<std::string> readOrMakeTokenFile(const std::filesystem::path& file) {
    const FileDescriptor existing(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (existing.isOpen()) return read(existing, file);
    if (errno != ENOENT) return failErrno("open", errno, file);
    return make(file);
}

}  // namespace live::control
