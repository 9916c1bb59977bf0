// The few file operations of the mirror, as an interface: tests fill the disk without one. Any thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "common/base/bytes.h"
#include "common/base/error.h"
#include "common/base/file_descriptor.h"

namespace live::store {

class FileLayer {
public:
    virtual ~FileLayer() = default;
    // With all parents, mode 0700.
    virtual Result<void> makeDirectories(const std::filesystem::path& path) = 0;
    // For writeAt(): mode 0600, made if absent, never truncated.
    virtual Result<FileDescriptor> openForWriting(const std::filesystem::path& path) = 0;
    // All of `bytes` or an error; then any part of them may have been written. Goes to the page cache only.
    virtual Result<void> writeAt(const FileDescriptor& file, ByteView bytes, std::uint64_t offset) = 0;
    virtual Result<std::uint64_t> sizeOf(const FileDescriptor& file) = 0;
    // A file or a whole directory; what is not there is no error.
    virtual Result<void> remove(const std::filesystem::path& path) = 0;

    // NotFound if absent, TooLarge beyond `maximum`.
    virtual Result<Bytes> read(const std::filesystem::path& path, std::size_t maximum) = 0;
    // Names in a directory, sorted; empty if it is absent.
    virtual Result<std::vector<std::string>> list(const std::filesystem::path& path) = 0;
};

class SystemFileLayer final : public FileLayer {
public:
    Result<void> makeDirectories(const std::filesystem::path& path) override;
    Result<FileDescriptor> openForWriting(const std::filesystem::path& path) override;
    Result<void> writeAt(const FileDescriptor& file, ByteView bytes, std::uint64_t offset) override;
    Result<std::uint64_t> sizeOf(const FileDescriptor& file) override;
    Result<void> remove(const std::filesystem::path& path) override;
    Result<Bytes> read(const std::filesystem::path& path, std::size_t maximum) override;
    Result<std::vector<std::string>> list(const std::filesystem::path& path) override;
};

}  // namespace live::store
